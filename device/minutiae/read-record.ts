import { readAnsi378 } from './ansi378.ts';
import { readIso19794 } from './iso19794.ts';
import type { MinutiaeRecord } from './record.ts';

/** Where an ANSI record has its short length; an ISO record the upper half of a 32-bit one, 0 under 64 KiB. */
const LENGTH_POSITION = 8;
const ANSI_LONG_LENGTH_POSITION = 10;

/**
 * Reads a record of either standard. Both begin with the same eight bytes, so the place where the right length
 * stands tells them apart; what fits neither is read as ISO, whose error then says what is wrong.
 *
 * @throws MinutiaeError `minutiae.not-a-record`, `minutiae.unsupported-record`, `minutiae.truncated-record`,
 *   `minutiae.corrupt-record`
 */
export function readRecord(bytes: Uint8Array): MinutiaeRecord {
  return looksAnsi(bytes) ? readAnsi378(bytes) : readIso19794(bytes);
}

function looksAnsi(bytes: Uint8Array): boolean {
  if (bytes.length < ANSI_LONG_LENGTH_POSITION + 4) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const short = view.getUint16(LENGTH_POSITION);
  if (view.getUint32(LENGTH_POSITION) === bytes.length) return false;
  return short !== 0 || view.getUint32(ANSI_LONG_LENGTH_POSITION) === bytes.length;
}
