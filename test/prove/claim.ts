/** One line of a proof: what is claimed, what was measured now, and whether it holds. */
export interface Claim {
  readonly claim: string;
  /** What was measured; nothing where it could not be. */
  readonly figure: string;
  /** What it is measured against: a bar, or a peer's figure. */
  readonly bar: string;
  /** `told`: a figure without a bar. */
  readonly verdict: 'holds' | 'falls short' | 'skipped' | 'told';
}

/** How a part's proofs are run. */
export interface ProofOptions {
  /** Leaves out what takes long. */
  readonly quick: boolean;
  /** Told, for people, what is being measured. */
  readonly onStage: (stage: string) => void;
}

/** The proofs of one part of the house, in the order of their table. */
export type Proof = (options: ProofOptions) => Promise<Claim[]>;

export function judged(claim: string, figure: string, bar: string, holds: boolean): Claim {
  return { claim, figure, bar, verdict: holds ? 'holds' : 'falls short' };
}

export function skipped(claim: string, reason: string): Claim {
  return { claim, figure: '', bar: reason, verdict: 'skipped' };
}
