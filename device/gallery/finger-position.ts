/** The ten fingers; a name's index is its finger position code of ISO/IEC 19794-2, where 0 stands for an unknown one. */
export const FINGER_POSITIONS = [
  'unknown',
  'right-thumb',
  'right-index',
  'right-middle',
  'right-ring',
  'right-little',
  'left-thumb',
  'left-index',
  'left-middle',
  'left-ring',
  'left-little',
] as const;

export type FingerPosition = (typeof FINGER_POSITIONS)[number];
