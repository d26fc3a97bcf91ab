/** Equal error rate and FNMR at an FMR of 0.1 %, in percent. */
export interface PeerRates {
  readonly eer: number;
  readonly fnmrAtFmr01: number;
}

export interface PeerSet {
  readonly set: string;
  readonly nbis: PeerRates;
  readonly sourceAfis: PeerRates;
}

function rates(eer: number, fnmrAtFmr01: number): PeerRates {
  return { eer, fnmrAtFmr01 };
}

/**
 * The peers on the very files of the development data, every pair once (measured for this project; NBIS is mindtct with
 * bozorth3, SourceAFIS for Java 3.18.1).
 */
export const PEER_SETS: readonly PeerSet[] = [
  { set: 'fvc2002-db1', sourceAfis: rates(3.2, 5.71), nbis: rates(4.17, 11.07) },
  { set: 'fvc2002-db3', sourceAfis: rates(11.43, 27.5), nbis: rates(8.99, 28.21) },
  { set: 'fvc2004-db2', sourceAfis: rates(12.5, 22.5), nbis: rates(14.14, 38.21) },
  { set: 'fvc2004-db3', sourceAfis: rates(5.35, 9.29), nbis: rates(5.13, 15) },
  { set: 'uareu', sourceAfis: rates(0.43, 1.07), nbis: rates(1.27, 3.04) },
  { set: 'crossmatch', sourceAfis: rates(0.48, 0.89), nbis: rates(0.44, 0.89) },
];

/** All six sets together, one threshold, by window and protocol. */
export const PEER_POOLS = {
  '': {
    pairs: { sourceAfis: rates(4.33, 7.69), nbis: rates(4.17, 10.37) },
    touches4: { sourceAfis: rates(2.16, 5.29), nbis: rates(2.73, 5.77) },
  },
  '-256x288': {
    pairs: { sourceAfis: rates(5.43, 11.64), nbis: rates(5.54, 14.94) },
    touches4: { sourceAfis: rates(3.37, 6.97), nbis: rates(4.57, 7.93) },
  },
  '-192x192': {
    pairs: { sourceAfis: rates(14.77, 35.16), nbis: rates(14.63, 49.38) },
    touches4: { sourceAfis: rates(8.41, 21.63), nbis: rates(8.81, 34.86) },
  },
} as const;

/** Matchers alone on the given ISO records: means over the four sets. */
export const PEER_MATCHERS = { sourceAfis: rates(5.65, 13.1), bozorth3: rates(7.88, 21.8) };
