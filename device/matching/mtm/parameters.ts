export interface MtmParameters {
  /** Minutiae compared at most (the best by quality), 1 to 64. */
  readonly maximumMinutiae: number;
  /** Neighbourhood of a minutia (LMTS) in px at 500 dpi. */
  readonly radius: number;
  /** Weight w of the length in D = w·|d − d'| / radius + |φ − φ'| + |ψ − ψ'| (angles in radians). */
  readonly lengthWeight: number;
  /** First order, local: similarity exp(−decay·D), cut off below `cut`. */
  readonly alpha: number;
  readonly alphaCut: number;
  /** Second order, local. */
  readonly beta: number;
  readonly betaCut: number;
  /** Second order, global. */
  readonly gamma: number;
  readonly gammaCut: number;
  /** Weight of the second order against the first, formula (2). */
  readonly localLambda: number;
  readonly globalLambda: number;
  /** Lengths above this many px are compressed logarithmically at the global level. */
  readonly globalKnee: number;
  readonly globalLengthWeight: number;
  /** Pairs kept per minutia of the smaller side, n_r and N_r. */
  readonly candidates: number;
  readonly localIterations: number;
  readonly globalIterations: number;
  /** Entries of the eigenvector below this are no pairs. */
  readonly delta: number;
  /** Candidates that a local problem must have to be solved. */
  readonly localSupport: number;
  readonly global: boolean;
  readonly regain: boolean;
  readonly regainTolerance: number;
  readonly regainAngle: number;
  readonly regainMinimum: number;
  readonly hull: boolean;
  readonly localPrior: number;
  readonly localPower: number;
  readonly localCount: number;
  readonly secondShare: number;
  readonly hullPower: number;
  readonly hullPrior: number;
  readonly agreementDecay: number;
  readonly qualityFloor: number;
  readonly qualityFull: number;
  readonly weighLocal: boolean;
  readonly kindFactor: number;
  readonly kindCentre: number;
  readonly agreementPrior: number;
  readonly agreementCut: number;
}

export const tuned: MtmParameters = {
  maximumMinutiae: 64,
  radius: 80,
  lengthWeight: 3,
  alpha: 1,
  alphaCut: 0.5,
  beta: 2,
  betaCut: 0.33,
  gamma: 2,
  gammaCut: 0.3,
  localLambda: 0.1,
  globalLambda: 0.03,
  globalKnee: 80,
  globalLengthWeight: 3,
  candidates: 3,
  localIterations: 10,
  globalIterations: 20,
  delta: Math.exp(-4),
  localSupport: 2,
  global: true,
  regain: true,
  regainTolerance: 12,
  regainAngle: Math.PI / 6,
  regainMinimum: 3,
  hull: true,
  localPrior: 0,
  localPower: 1,
  localCount: 1,
  secondShare: 0,
  hullPower: 0.65,
  hullPrior: 0,
  agreementDecay: 1,
  qualityFloor: 0.2,
  qualityFull: 90,
  weighLocal: true,
  kindFactor: 0.7,
  kindCentre: 0.7,
  agreementPrior: 0.5,
  agreementCut: 0,
};

/** Steps (1/256 of a turn) in a radian: the kernel's unit of D. */
const STEPS = 256 / (2 * Math.PI);

/** Puts the parameters where the kernel reads them; the layout is the kernel's. */
export function writeParameters(parameters: MtmParameters, buffer: ArrayBuffer, at: number): void {
  const p = parameters;
  const integers = new Int32Array(buffer, at, 32);
  const floats = new Float32Array(buffer, at, 32);
  const cut = (decay: number, least: number): number => Math.min(127, Math.floor((-Math.log(least) / decay) * STEPS));
  integers[0] = Math.min(254, Math.round(p.lengthWeight * STEPS));
  integers[1] = cut(p.alpha, p.alphaCut);
  integers[2] = cut(p.beta, p.betaCut);
  integers[3] = cut(p.gamma, p.gammaCut);
  integers[4] = p.localIterations;
  integers[5] = p.globalIterations;
  integers[6] = p.candidates;
  integers[7] = p.global ? 1 : 0;
  floats[8] = p.delta;
  floats[9] = p.regain ? p.regainTolerance : 0;
  floats[10] = Math.cos(p.regainAngle);
  integers[11] = p.regainMinimum;
  integers[12] = p.localSupport;
  floats[13] = p.localPrior;
  floats[14] = p.localPower;
  floats[15] = p.localCount;
  floats[16] = p.agreementPrior;
  floats[17] = p.agreementCut;
  floats[18] = p.kindFactor;
  floats[19] = p.kindCentre;
  integers[20] = p.weighLocal ? 1 : 0;
  const tables = new Float32Array(buffer, at + 128, 1024);
  for (let D = 0; D < 256; D++) {
    tables[D] = Math.exp((-p.alpha * D) / STEPS);
    tables[256 + D] = p.localLambda * Math.exp((-p.beta * D) / STEPS);
    tables[512 + D] = p.globalLambda * Math.exp((-p.gamma * D) / STEPS);
    tables[768 + D] = Math.exp((-p.agreementDecay * D) / STEPS);
  }
}
