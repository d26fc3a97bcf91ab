import { crc32 } from 'node:zlib';
import type { Minutia, MinutiaeTemplate, MinutiaType } from '../minutiae/minutia.ts';
import { GalleryError } from './errors.ts';

/** What a model left of a touch. Only outputs of the same model can be compared. */
interface ModelOutput<Values> {
  /** First 8 bytes of the sha256 of the model's file, as 16 lower-case hex digits. */
  readonly model: string;
  readonly values: Values;
}

/** All that is kept of one touch: never the image. */
export interface TouchTemplate {
  readonly minutiae: MinutiaeTemplate;
  /** Of the whole impression, 0 (worst) to 100 (best). */
  readonly quality: number;
  /** The encoder's vector, 1 to 256 values. */
  readonly latent?: ModelOutput<Int8Array>;
  /** The siamese backbone's local descriptors, 1 to 1024 bytes in the model's own layout. */
  readonly grid?: ModelOutput<Uint8Array>;
}

/** So that the minutiae of a touch stay below 600 bytes. */
export const MAX_MINUTIAE = 96;
/** Pixels at 500 dpi: a little over 10 cm, more than four slapped fingers. */
export const MAX_SIDE = 2048;
export const MAX_LATENT_BYTES = 256;
export const MAX_GRID_BYTES = 1024;

const MAGIC = 0x5754; // "WT"
const VERSION = 1;
const HEADER_BYTES = 10;
const MINUTIA_BYTES = 6;
const MODEL_BYTES = 8;
const SECTION_HEADER_BYTES = MODEL_BYTES + 2;
const CHECKSUM_BYTES = 4;
const HAS_LATENT = 1;
const HAS_GRID = 2;
/** Steps a pixel: 3 micrometres, well below the distortion of skin. */
const POSITION_STEPS = 8;
/** Steps a turn: 0.18 degrees. */
const DIRECTION_STEPS = 2048;
const TURN = 2 * Math.PI;
const TYPES: readonly MinutiaType[] = ['ending', 'bifurcation', 'other'];

/**
 * Packs a touch into bytes; the same template always gives the same bytes. Positions are rounded to 1/8 pixel,
 * directions to 1/2048 turn, qualities to whole numbers; of more than 96 minutiae the 96 of the best quality stay, in
 * their order.
 *
 * Layout (big endian): `"WT"`, version u8, flags u8 (1 latent, 2 grid), width u16, height u16, quality u8, number of
 * minutiae u8; a minutia is 48 bits: x 14 (1/8 px), y 14, direction 11, type 2, quality 7; latent and grid are each
 * model 8 bytes, length u16, values; at the end the CRC-32 of everything before it.
 *
 * @throws GalleryError `gallery.template-invalid` for values that no touch can have
 */
export function encodeTemplate(template: TouchTemplate): Uint8Array {
  const { width, height } = template.minutiae;
  checkSide('width', width);
  checkSide('height', height);
  const minutiae = best(template.minutiae.minutiae);
  const { latent, grid } = template;
  const size =
    HEADER_BYTES +
    minutiae.length * MINUTIA_BYTES +
    (latent ? SECTION_HEADER_BYTES + latent.values.length : 0) +
    (grid ? SECTION_HEADER_BYTES + grid.values.length : 0) +
    CHECKSUM_BYTES;
  const bytes = Buffer.alloc(size);
  bytes.writeUInt16BE(MAGIC, 0);
  bytes.writeUInt8(VERSION, 2);
  bytes.writeUInt8((latent ? HAS_LATENT : 0) | (grid ? HAS_GRID : 0), 3);
  bytes.writeUInt16BE(width, 4);
  bytes.writeUInt16BE(height, 6);
  bytes.writeUInt8(wholeQuality(template.quality), 8);
  bytes.writeUInt8(minutiae.length, 9);
  let at = HEADER_BYTES;
  for (const minutia of minutiae) {
    const x = positionSteps('x', minutia.x, width);
    const y = positionSteps('y', minutia.y, height);
    const type = TYPES.indexOf(minutia.type);
    if (type < 0) throw invalid(`the minutia type ${minutia.type} is not known`);
    bytes.writeUIntBE((x << 10) | (y >> 4), at, 3);
    bytes.writeUIntBE(
      ((y & 15) << 20) | (directionSteps(minutia.direction) << 9) | (type << 7) | wholeQuality(minutia.quality),
      at + 3,
      3,
    );
    at += MINUTIA_BYTES;
  }
  if (latent) at = writeModelOutput(bytes, at, latent.model, asBytes(latent.values), MAX_LATENT_BYTES);
  if (grid) at = writeModelOutput(bytes, at, grid.model, grid.values, MAX_GRID_BYTES);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, at)), at);
  return bytes;
}

/**
 * Reads what `encodeTemplate` wrote and nothing else: `encodeTemplate(decodeTemplate(bytes))` gives `bytes` again.
 *
 * @throws GalleryError `gallery.template-version` for bytes of a newer Whorl, `gallery.template-malformed` for
 *   truncated, damaged or other bytes
 */
export function decodeTemplate(bytes: Uint8Array): TouchTemplate {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (input.length < HEADER_BYTES + CHECKSUM_BYTES) throw malformed('it is too short');
  if (input.readUInt16BE(0) !== MAGIC) throw malformed('it does not begin like one');
  const version = input.readUInt8(2);
  if (version !== VERSION) {
    throw new GalleryError(
      'gallery.template-version',
      `the template has version ${version}, this Whorl reads version ${VERSION}; update Whorl`,
    );
  }
  const end = input.length - CHECKSUM_BYTES;
  if (input.readUInt32BE(end) !== crc32(input.subarray(0, end))) throw malformed('its checksum is wrong');

  const flags = input.readUInt8(3);
  const width = input.readUInt16BE(4);
  const height = input.readUInt16BE(6);
  const quality = input.readUInt8(8);
  const count = input.readUInt8(9);
  if ((flags & ~(HAS_LATENT | HAS_GRID)) !== 0) throw malformed('it has unknown flags');
  if (width < 1 || width > MAX_SIDE || height < 1 || height > MAX_SIDE) throw malformed('its size is out of range');
  if (quality > 100) throw malformed('its quality is above 100');
  if (count > MAX_MINUTIAE) throw malformed('it has too many minutiae');
  let at = HEADER_BYTES + count * MINUTIA_BYTES;
  if (at > end) throw malformed('it ends among its minutiae');

  const minutiae: Minutia[] = [];
  for (let offset = HEADER_BYTES; offset < at; offset += MINUTIA_BYTES)
    minutiae.push(readMinutia(input, offset, width, height));
  let latent: ModelOutput<Uint8Array> | undefined;
  if ((flags & HAS_LATENT) !== 0) {
    latent = readModelOutput(input, at, end, MAX_LATENT_BYTES);
    at += SECTION_HEADER_BYTES + latent.values.length;
  }
  let grid: ModelOutput<Uint8Array> | undefined;
  if ((flags & HAS_GRID) !== 0) {
    grid = readModelOutput(input, at, end, MAX_GRID_BYTES);
    at += SECTION_HEADER_BYTES + grid.values.length;
  }
  if (at !== end) throw malformed('it is longer than its contents');
  return {
    minutiae: { width, height, minutiae },
    quality,
    ...(latent && { latent: { model: latent.model, values: new Int8Array(latent.values.buffer) } }),
    ...(grid && { grid }),
  };
}

function best(minutiae: readonly Minutia[]): readonly Minutia[] {
  if (minutiae.length <= MAX_MINUTIAE) return minutiae;
  const kept = new Set(minutiae.toSorted((a, b) => b.quality - a.quality).slice(0, MAX_MINUTIAE));
  return minutiae.filter((minutia) => kept.has(minutia));
}

function readMinutia(input: Buffer, offset: number, width: number, height: number): Minutia {
  const high = (input[offset] << 16) | (input[offset + 1] << 8) | input[offset + 2];
  const low = (input[offset + 3] << 16) | (input[offset + 4] << 8) | input[offset + 5];
  const x = (high >> 10) / POSITION_STEPS;
  const y = (((high & 1023) << 4) | (low >> 20)) / POSITION_STEPS;
  const type = (low >> 7) & 3;
  const quality = low & 127;
  if (x >= width || y >= height) throw malformed('a minutia lies outside of the impression');
  if (type >= TYPES.length) throw malformed('a minutia has an unknown type');
  if (quality > 100) throw malformed("a minutia's quality is above 100");
  return { x, y, direction: (((low >> 9) & 2047) * TURN) / DIRECTION_STEPS, type: TYPES[type], quality };
}

function writeModelOutput(bytes: Buffer, at: number, model: string, values: Uint8Array, limit: number): number {
  if (!/^[0-9a-f]{16}$/.test(model)) throw invalid(`a model's id must be 16 lower-case hex digits, not "${model}"`);
  if (values.length < 1 || values.length > limit)
    throw invalid(`a model's output must have 1 to ${limit} bytes, not ${values.length}`);
  bytes.write(model, at, 'hex');
  bytes.writeUInt16BE(values.length, at + MODEL_BYTES);
  bytes.set(values, at + SECTION_HEADER_BYTES);
  return at + SECTION_HEADER_BYTES + values.length;
}

function readModelOutput(input: Buffer, at: number, end: number, limit: number): ModelOutput<Uint8Array> {
  const start = at + SECTION_HEADER_BYTES;
  if (start > end) throw malformed("it ends in a model's output");
  const length = input.readUInt16BE(at + MODEL_BYTES);
  if (length < 1 || length > limit) throw malformed("the length of a model's output is out of range");
  if (start + length > end) throw malformed("it ends in a model's output");
  return {
    model: input.toString('hex', at, at + MODEL_BYTES),
    values: Uint8Array.from(input.subarray(start, start + length)),
  };
}

function asBytes(values: Int8Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function checkSide(name: string, pixels: number): void {
  if (!Number.isInteger(pixels) || pixels < 1 || pixels > MAX_SIDE)
    throw invalid(`the ${name} must be 1 to ${MAX_SIDE} pixels, not ${pixels}`);
}

function positionSteps(name: string, pixels: number, side: number): number {
  if (!(pixels >= 0 && pixels < side)) throw invalid(`a minutia's ${name} must be 0 to below ${side}, not ${pixels}`);
  return Math.min(Math.round(pixels * POSITION_STEPS), side * POSITION_STEPS - 1);
}

function directionSteps(radians: number): number {
  if (!(radians >= 0 && radians <= TURN)) throw invalid(`a direction must be 0 to 2π radians, not ${radians}`);
  return Math.round((radians * DIRECTION_STEPS) / TURN) % DIRECTION_STEPS;
}

function wholeQuality(quality: number): number {
  if (!(quality >= 0 && quality <= 100)) throw invalid(`a quality must be 0 to 100, not ${quality}`);
  return Math.round(quality);
}

function invalid(why: string): GalleryError {
  return new GalleryError('gallery.template-invalid', `the template cannot be stored: ${why}`);
}

function malformed(why: string): GalleryError {
  return new GalleryError('gallery.template-malformed', `this is not a whole Whorl template: ${why}`);
}
