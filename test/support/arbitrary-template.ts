import fc from 'fast-check';
import type { TouchTemplate } from '../../device/gallery/template-codec.ts';
import type { MinutiaType } from '../../device/minutiae/minutia.ts';

const plain = { noNullPrototype: true } as const;
const quality = fc.integer({ min: 0, max: 100 });
const side = fc.integer({ min: 1, max: 2048 });
const eighths = (pixels: number) => fc.integer({ min: 0, max: pixels * 8 - 1 }).map((steps) => steps / 8);
const direction = fc.integer({ min: 0, max: 2047 }).map((steps) => (steps * 2 * Math.PI) / 2048);
const type = fc.constantFrom<MinutiaType>('ending', 'bifurcation', 'other');
const model = fc.stringMatching(/^[0-9a-f]{16}$/);

const minutiae = fc.tuple(side, side).chain(([width, height]) => {
  const minutia = fc.record({ x: eighths(width), y: eighths(height), direction, type, quality }, plain);
  return fc.array(minutia, { maxLength: 96 }).map((list) => ({ width, height, minutiae: list }));
});
const latent = fc.record({ model, values: fc.int8Array({ minLength: 1, maxLength: 256 }) }, plain);
const grid = fc.record({ model, values: fc.uint8Array({ minLength: 1, maxLength: 1024 }) }, plain);

/** Any template of the codec's own precision, so that it must survive a round trip unchanged. */
export const exactTemplate: fc.Arbitrary<TouchTemplate> = fc.record(
  { minutiae, quality, latent, grid },
  { ...plain, requiredKeys: ['minutiae', 'quality'] },
);
