import { randomBytes, randomUUID } from 'node:crypto';
import { openGalleryIn } from '../../device/gallery/open-in-directory.ts';
import type { Person } from '../../device/gallery/person.ts';
import type { ModelIds } from '../../device/matching/fusion/parts.ts';
import { GRID_BYTES } from '../../device/matching/siamese/grid-codec.ts';
import { randomFinger } from './minutiae.ts';

const LATENT = 256;
/** Minutiae of each touch. */
const MINUTIAE = 40;

/** Fills a terminal's state directory with people who look like nobody, a finger each. */
export function enrolCrowd(state: string, people: number, touches: number, { backbone, encoder }: ModelIds): void {
  const gallery = openGalleryIn(state);
  try {
    const at = new Date(0).toISOString();
    const crowd = Array.from({ length: people }, (_, k): Person => {
      const templates = Array.from({ length: touches }, (__, touch) => ({
        id: randomUUID(),
        template: {
          minutiae: randomFinger(1 + k * touches + touch, MINUTIAE),
          quality: 60,
          ...(backbone !== undefined && { grid: { model: backbone, values: randomBytes(GRID_BYTES) } }),
          ...(encoder !== undefined && { latent: { model: encoder, values: new Int8Array(randomBytes(LATENT)) } }),
        },
      }));
      const finger = { id: randomUUID(), position: 'unknown' as const, enrolledAt: at, templates };
      return { id: randomUUID(), name: `P${k}`, createdAt: at, pass: {}, fingers: [finger] };
    });
    gallery.restore(crowd);
  } finally {
    gallery.close();
  }
}
