import { isoRecordOf, readIso19794, writeIso19794 } from '../minutiae/iso19794.ts';
import { templateOf } from '../minutiae/record.ts';
import { FINGER_POSITIONS, type FingerPosition } from './finger-position.ts';
import type { Finger } from './person.ts';
import type { TouchTemplate } from './template-codec.ts';

/** What a record that is not ours says of a finger. */
export interface ForeignFinger {
  readonly position: FingerPosition;
  readonly touches: readonly TouchTemplate[];
}

/** A finger as one ISO/IEC 19794-2:2005 record, a view for each touch. Latents and grids have no place in it. */
export function isoOfFinger({ position, templates }: Finger): Uint8Array {
  return writeIso19794(
    isoRecordOf(
      templates.map(({ template }) => ({
        template: template.minutiae,
        fingerPosition: FINGER_POSITIONS.indexOf(position),
        quality: template.quality,
      })),
    ),
  );
}

/** @throws MinutiaeError as `readIso19794` and `templateOf` */
export function fingersOfIso(bytes: Uint8Array): ForeignFinger[] {
  const record = readIso19794(bytes);
  const fingers = new Map<FingerPosition, TouchTemplate[]>();
  for (const [index, view] of record.views.entries()) {
    const position = FINGER_POSITIONS[view.fingerPosition] ?? 'unknown';
    const touches = fingers.get(position) ?? [];
    fingers.set(position, touches);
    touches.push({ minutiae: templateOf(record, index), quality: Math.min(view.quality, 100) });
  }
  return [...fingers].map(([position, touches]) => ({ position, touches }));
}
