import { createHash, randomBytes } from 'node:crypto';
import { NOTEPAD_PAGE_LENGTH, NOTEPAD_PAGES } from './instructions.ts';

/**
 * A module without a serial number gets a mark in the last page of its notepad when it is paired: `WHRL`, a random number,
 * and a check of both. It tells modules apart; it does not prove that nobody copied it.
 */
export const MARK_PAGE = NOTEPAD_PAGES - 1;

const MAGIC = Buffer.from('WHRL');
const NUMBER_LENGTH = 8;
const CHECKED_LENGTH = MAGIC.length + NUMBER_LENGTH;
const CHECK_LENGTH = 4;

export function drawMark(): Uint8Array {
  const checked = Buffer.concat([MAGIC, randomBytes(NUMBER_LENGTH)]);
  return Buffer.concat([checked, checkOf(checked)], NOTEPAD_PAGE_LENGTH);
}

/** The mark as a serial number; `undefined` where the page holds none. */
export function readMark(page: Uint8Array): string | undefined {
  const bytes = Buffer.from(page);
  const checked = bytes.subarray(0, CHECKED_LENGTH);
  const isMark =
    bytes.length >= CHECKED_LENGTH + CHECK_LENGTH &&
    checked.subarray(0, MAGIC.length).equals(MAGIC) &&
    bytes.subarray(CHECKED_LENGTH, CHECKED_LENGTH + CHECK_LENGTH).equals(checkOf(checked));
  return isMark ? `mark-${checked.subarray(MAGIC.length).toString('hex')}` : undefined;
}

function checkOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest().subarray(0, CHECK_LENGTH);
}
