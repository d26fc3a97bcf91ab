import { MinutiaeError } from './errors.ts';
import type { RecordReader, RecordWriter } from './record-bytes.ts';
import type { ExtendedData, MinutiaeView, RecordedMinutia } from './record.ts';

/** Reads finger views: ISO/IEC 19794-2:2005 and ANSI/INCITS 378-2004 lay them out alike. */
export function readViews(reader: RecordReader, count: number): MinutiaeView[] {
  return Array.from({ length: count }, () => readView(reader));
}

function readView(reader: RecordReader): MinutiaeView {
  const fingerPosition = reader.number(1);
  const viewAndImpression = reader.number(1);
  const quality = reader.number(1);
  const minutiae = Array.from({ length: reader.number(1) }, () => readMinutia(reader));
  return {
    fingerPosition,
    viewNumber: viewAndImpression >> 4,
    impressionType: viewAndImpression & 0xf,
    quality,
    minutiae,
    extended: readExtended(reader),
  };
}

function readMinutia(reader: RecordReader): RecordedMinutia {
  const typeAndX = reader.number(2);
  const reservedAndY = reader.number(2);
  return {
    type: typeAndX >> 14,
    x: typeAndX & 0x3fff,
    reserved: reservedAndY >> 14,
    y: reservedAndY & 0x3fff,
    angle: reader.number(1),
    quality: reader.number(1),
  };
}

function readExtended(reader: RecordReader): ExtendedData {
  const statedLength = reader.number(2);
  return { statedLength, data: reader.bytes(Math.min(statedLength, reader.left)).slice() };
}

export function writeViews(writer: RecordWriter, views: readonly MinutiaeView[]): void {
  for (const view of views) {
    writer.number(1, view.fingerPosition, 'finger position');
    writer.number(1, packed(view.viewNumber, 4, view.impressionType, 4, 'view number or impression type'), 'view');
    writer.number(1, view.quality, 'finger quality');
    writer.number(1, view.minutiae.length, 'number of minutiae');
    for (const minutia of view.minutiae) writeMinutia(writer, minutia);
    writer.number(2, view.extended.statedLength, 'length of the extended data');
    writer.bytes(view.extended.data);
  }
}

function writeMinutia(writer: RecordWriter, { type, x, reserved, y, angle, quality }: RecordedMinutia): void {
  writer.number(2, packed(type, 2, x, 14, 'minutia type or x'), 'minutia');
  writer.number(2, packed(reserved, 2, y, 14, 'minutia y'), 'minutia');
  writer.number(1, angle, 'minutia angle');
  writer.number(1, quality, 'minutia quality');
}

/** Two numbers in one field, the first in the upper bits. */
function packed(high: number, highBits: number, low: number, lowBits: number, what: string): number {
  const fits = (value: number, bits: number) => Number.isInteger(value) && value >= 0 && value < 2 ** bits;
  if (!fits(high, highBits) || !fits(low, lowBits))
    throw new MinutiaeError(
      'minutiae.unwritable-record',
      `${what} does not fit: ${high} must be a whole number of ${highBits} bits, ${low} of ${lowBits}`,
    );
  return high * 2 ** lowBits + low;
}
