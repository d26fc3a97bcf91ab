import { ImagingError } from './errors.ts';

export type ImageFormat = 'png' | 'jpeg' | 'tiff' | 'bmp' | 'pgm';

const SIGNATURES: readonly (readonly [format: ImageFormat, ...signature: number[]])[] = [
  ['png', 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  ['jpeg', 0xff, 0xd8, 0xff],
  ['tiff', 0x49, 0x49, 0x2a, 0x00],
  ['tiff', 0x4d, 0x4d, 0x00, 0x2a],
  ['bmp', 0x42, 0x4d],
  ['pgm', 0x50, 0x32],
  ['pgm', 0x50, 0x35],
];

/** What fingerprints also come in, and a person can do about it. */
const UNREADABLE: readonly (readonly [advice: string, ...signature: number[]])[] = [
  [
    'WSQ images are not read: save it as PNG by a WSQ viewer, or decode it by NBIS, `dwsq raw IMAGE.wsq -raw_out`, and state the size of the raw image',
    0xff,
    0xa0,
  ],
  [
    'JPEG 2000 images are not read: convert it, `opj_decompress -i IMAGE.jp2 -o IMAGE.png`',
    0x00,
    0x00,
    0x00,
    0x0c,
    0x6a,
  ],
  [
    'JPEG 2000 code streams are not read: convert it, `opj_decompress -i IMAGE.j2k -o IMAGE.png`',
    0xff,
    0x4f,
    0xff,
    0x51,
  ],
];

/**
 * Tells the format by the first bytes; names of files are not believed.
 * @throws ImagingError `imaging.unsupported-format`
 */
export function formatOf(bytes: Uint8Array): ImageFormat {
  const startsWith = (signature: readonly number[]) => signature.every((byte, index) => bytes[index] === byte);
  for (const [format, ...signature] of SIGNATURES) if (startsWith(signature)) return format;
  for (const [advice, ...signature] of UNREADABLE)
    if (startsWith(signature)) throw new ImagingError('imaging.unsupported-format', advice);
  throw new ImagingError(
    'imaging.unsupported-format',
    'this is none of the image formats that are read: PNG, JPEG, TIFF, BMP, PGM',
  );
}
