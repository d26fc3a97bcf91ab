import { MinutiaeError } from './errors.ts';
import type { RecordReader } from './record-bytes.ts';

const MAGIC = Uint8Array.of(0x46, 0x4d, 0x52, 0x00); // "FMR"
const VERSION = Uint8Array.of(0x20, 0x32, 0x30, 0x00); // " 20", ISO's of 2005 and ANSI's of 2004 alike

/** The first eight bytes of both standards' records. */
export const FORMAT_IDENTIFIER = Uint8Array.of(...MAGIC, ...VERSION);

/** Reads the first eight bytes and refuses what is no record, or one of another edition. */
export function readIdentifiers(reader: RecordReader): void {
  if (!same(reader.bytes(MAGIC.length), MAGIC))
    throw new MinutiaeError(
      'minutiae.not-a-record',
      'this is no finger minutiae record: those of ISO/IEC 19794-2 and ANSI/INCITS 378 begin with "FMR"',
    );
  const version = reader.bytes(VERSION.length);
  if (!same(version, VERSION))
    throw new MinutiaeError(
      'minutiae.unsupported-record',
      `this minutiae record has format version "${printable(version)}", only " 20" (ISO/IEC 19794-2:2005 and ` +
        'ANSI/INCITS 378-2004) is read: export it again as one of these',
    );
}

/** Holds the length that a record states against the bytes that are there. */
export function checkLength(stated: number, actual: number): void {
  if (stated > actual)
    throw new MinutiaeError(
      'minutiae.truncated-record',
      `the record states ${stated} bytes, ${actual} are there: the file was cut short, copy it again`,
    );
  if (stated < actual)
    throw new MinutiaeError('minutiae.corrupt-record', `the record states ${stated} bytes, ${actual} are there`);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function printable(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.filter((byte) => byte >= 0x20 && byte < 0x7f));
}
