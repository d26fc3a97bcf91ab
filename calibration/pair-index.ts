/** Where the pair of two prints stands among the scores of all pairs; the reference is the earlier print of the set. */
export function pairIndex(reference: number, probe: number): number {
  return (probe * (probe - 1)) / 2 + reference;
}
