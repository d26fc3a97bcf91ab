import { ProofCleanup, type Cleanup } from '../support/cleanup.ts';
import { judged, type Claim } from './claim.ts';

/** A scene throws where something is not as it must be; then the claim falls short and tells what. */
export async function proven(
  claim: string,
  bar: string,
  scene: (cleanup: Cleanup) => Promise<{ figure: string; holds: boolean }>,
): Promise<Claim> {
  const cleanup = new ProofCleanup();
  try {
    const { figure, holds } = await scene(cleanup);
    return judged(claim, figure, bar, holds);
  } catch (error) {
    return judged(claim, error instanceof Error ? error.message.split('\n')[0] : String(error), bar, false);
  } finally {
    await cleanup.close();
  }
}
