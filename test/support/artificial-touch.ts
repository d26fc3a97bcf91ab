import { createHash } from 'node:crypto';
import type { TouchComparison } from '../../device/gallery/enrolment.ts';
import type { TouchTemplate } from '../../device/gallery/template-codec.ts';
import type { Minutia } from '../../device/minutiae/minutia.ts';

const SIDE = 300;

/**
 * A template made up of a finger's name: two touches of a finger share their minutiae but for the last eight, touches
 * of different fingers share nothing.
 */
export function artificialTouch(finger: string, touch = 0, count = 45): TouchTemplate {
  const minutiae = Array.from({ length: count }, (_, i): Minutia => {
    const bytes = createHash('sha256')
      .update(`${finger} ${i < count - 8 ? 'all' : touch} ${i}`)
      .digest();
    return {
      x: (bytes.readUInt16BE(0) % (SIDE * 8)) / 8,
      y: (bytes.readUInt16BE(2) % (SIDE * 8)) / 8,
      direction: ((bytes.readUInt16BE(4) % 2048) * Math.PI) / 1024,
      type: bytes[6] % 2 === 0 ? 'ending' : 'bifurcation',
      quality: bytes[7] % 101,
    };
  });
  return { minutiae: { width: SIDE, height: SIDE, minutiae }, quality: 80 };
}

/** Counts equal minutiae: exact for artificial touches, no recognition at all. */
export const artificialComparison: TouchComparison = {
  score: (probe, reference) => {
    const places = new Set(reference.minutiae.minutiae.map(({ x, y }) => `${x} ${y}`));
    return probe.minutiae.minutiae.filter(({ x, y }) => places.has(`${x} ${y}`)).length;
  },
  consistentFrom: 12,
  duplicateFrom: 20,
};
