import { spread } from '../../calibration/figures.ts';
import { benchAccess } from '../bench/access.ts';
import { compareStories } from '../support/access-stories.ts';
import { judged, skipped, type Claim, type ProofOptions } from './claim.ts';

const STORIES = 100_000;
const QUICK_STORIES = 10_000;
const ROUNDS = 9;
const MOST_MS = 1;

/** Who may pass: the rules beside a second opinion, and what asking them costs. */
export async function proveAccess({ quick, onStage }: ProofOptions): Promise<Claim[]> {
  onStage('rules beside a second opinion by brute force');
  const claims = [proveRules(quick ? QUICK_STORIES : STORIES)];
  const claim = 'verdict (rules + door command), 10,000 people, 1,000 rules, p99';
  if (quick)
    return [...claims, skipped(claim, 'left out by --quick: no measurement for a machine that does other things')];
  onStage('what the verdict adds to a touch');
  const { access, door, verdict } = await benchAccess(ROUNDS);
  const told = (rounds: readonly number[]): string => {
    const { min, median } = spread(rounds);
    return `${min.toFixed(2)} ms, median of ${rounds.length} rounds ${median.toFixed(2)} ms`;
  };
  const { min } = spread(verdict.rounds);
  // Whatever else runs on this machine is no part of the verdict.
  const bar = `at most ${MOST_MS} ms in the quietest round`;
  claims.push(judged(claim, told(verdict.rounds), bar, min <= MOST_MS));
  for (const { what, rounds } of [access, door])
    claims.push({ claim: what, figure: told(rounds), bar: '', verdict: 'told' });
  return claims;
}

function proveRules(stories: number): Claim {
  const claim = 'rules agree with a second opinion by brute force';
  const bar = `every touch of ${stories} random rule sets`;
  try {
    const { touches, outcomes, corners } = compareStories(1, stories);
    const { clockChange, leapDay, pastMidnight, zones } = corners;
    const told = `${clockChange} by a clock change, ${leapDay} on 29 February, ${pastMidnight} past midnight in a period, ${zones} zones`;
    return judged(claim, `${touches} touches, ${outcomes.size} outcomes; ${told}`, bar, true);
  } catch (error) {
    return judged(claim, error instanceof Error ? error.message.split('\n')[0] : String(error), bar, false);
  }
}
