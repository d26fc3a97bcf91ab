/** Instruction codes of the family (ZFM-20 manual 4.2; R503 manual v1.2.2), as far as the terminal needs them. */
export const INSTRUCTIONS = {
  getImage: 0x01,
  imageToFeatures: 0x02,
  upImage: 0x0a,
  setParameter: 0x0e,
  readParameters: 0x0f,
  verifyPassword: 0x13,
  writeNotepad: 0x18,
  readNotepad: 0x19,
  auraLed: 0x35,
  readProductInfo: 0x3c,
  softReset: 0x3d,
  handShake: 0x40,
} as const;

export const CONFIRMATIONS = {
  ok: 0x00,
  packetError: 0x01,
  noFinger: 0x02,
  captureFailed: 0x03,
  uploadFailed: 0x0f,
  wrongPassword: 0x13,
  noImage: 0x15,
  badRegister: 0x1a,
  badSetting: 0x1b,
  badPage: 0x1c,
  wrongAddress: 0x20,
  mustVerify: 0x21,
  sensorAbnormal: 0x29,
} as const;

/** What a technician should know of a confirmation code. */
const WORDS: Readonly<Record<number, string>> = {
  0x01: 'it did not understand the command',
  0x03: 'it could not take a picture',
  0x0e: 'it cannot receive data now',
  0x0f: 'it could not send the picture',
  0x13: 'the password is wrong',
  0x15: 'it holds no picture',
  0x18: 'its flash memory failed',
  0x1a: 'it has no such register',
  0x1b: 'it refuses the setting',
  0x1c: 'it has no such notepad page',
  0x1d: 'its port failed',
  0x20: 'the address is wrong',
  0x21: 'it wants its password first',
  0x29: 'its sensing element is abnormal',
};

export function confirmationInWords(code: number): string {
  return WORDS[code] ?? `it answered 0x${code.toString(16).padStart(2, '0')}`;
}

/** Registers of `setParameter`. */
export const REGISTERS = { baud: 4, packet: 6 } as const;

/** A module's rates are multiples of this, from one to twelve times. */
export const BAUD_STEP = 9_600;
export const BAUD_MULTIPLES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] as const;

/** Bytes of image in a data frame, by packet code. */
export const PACKET_SIZES = [32, 64, 128, 256] as const;

/** A page of the notepad. */
export const NOTEPAD_PAGE_LENGTH = 32;
export const NOTEPAD_PAGES = 16;
