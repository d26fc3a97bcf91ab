import type { GrayImage } from '../../device/imaging/gray-image.ts';

/** Rings around the middle that fade outwards: the least that looks like a print, dark ridges on light. */
export function ringPrint(width: number, height: number, period = 9, dpi = 500): GrayImage {
  const pixels = Uint8Array.from({ length: width * height }, (_, place) => {
    const distance = Math.hypot((place % width) - width / 2, Math.floor(place / width) - height / 2);
    const pressure = Math.max(0, 1 - distance / (0.48 * Math.min(width, height)));
    const ridge = 0.5 + 0.5 * Math.cos((2 * Math.PI * distance) / period);
    return Math.round(235 - 200 * ridge * Math.sqrt(pressure));
  });
  return { width, height, dpi, pixels };
}

/** An 8-bit Windows bitmap with a gray palette, bottom row first. */
export function bmp8({ width, height, pixels }: GrayImage, pixelsPerMetre = 0): Uint8Array {
  const rowBytes = Math.ceil(width / 4) * 4;
  const bytes = bmpHeader(width, height, 8, 1024, rowBytes * height, pixelsPerMetre);
  for (let gray = 0; gray < 256; gray++) bytes.fill(gray, 54 + gray * 4, 54 + gray * 4 + 3);
  for (let y = 0; y < height; y++)
    bytes.set(pixels.subarray(y * width, (y + 1) * width), 54 + 1024 + (height - 1 - y) * rowBytes);
  return bytes;
}

/** A 24-bit Windows bitmap, top row first. */
export function bmp24({ width, height, pixels }: GrayImage): Uint8Array {
  const rowBytes = Math.ceil((width * 3) / 4) * 4;
  const bytes = bmpHeader(width, -height, 24, 0, rowBytes * height, 0);
  pixels.forEach((gray, place) => {
    const at = 54 + Math.floor(place / width) * rowBytes + (place % width) * 3;
    bytes.fill(gray, at, at + 3);
  });
  return bytes;
}

function bmpHeader(
  width: number,
  height: number,
  bits: number,
  paletteBytes: number,
  dataBytes: number,
  pixelsPerMetre: number,
): Buffer {
  const bytes = Buffer.alloc(54 + paletteBytes + dataBytes);
  bytes.write('BM');
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(54 + paletteBytes, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(bits, 28);
  bytes.writeInt32LE(pixelsPerMetre, 38);
  return bytes;
}

/** A plain graymap. */
export function pgmText({ width, height, pixels }: GrayImage): Uint8Array {
  return Buffer.from(`P2\n# a comment\n${width} ${height}\n255\n${pixels.join(' ')}\n`);
}

/** A binary graymap of 8 or 16 bits. */
export function pgmBinary({ width, height, pixels }: GrayImage, maximum: 255 | 65535): Uint8Array {
  const header = Buffer.from(`P5 ${width} ${height} ${maximum}\n`);
  const samples = maximum === 255 ? pixels : Uint8Array.from({ length: pixels.length * 2 }, (_, i) => pixels[i >> 1]);
  return Buffer.concat([header, samples]);
}

/** An uncompressed 8-bit gray TIFF in one strip. */
export function tiffGray({ width, height, pixels }: GrayImage, dpi: number): Uint8Array {
  return tiff(width, height, pixels, [[262, 1]], dpi);
}

/** A palette TIFF compressed by LZW, as many scanners' tools write it. */
export function tiffPaletteLzw({ width, height, pixels }: GrayImage, dpi: number): Uint8Array {
  return tiff(width, height, lzw(pixels), [[259, 5], [262, 3]], dpi); // prettier-ignore
}

/** Little-endian TIFF of one strip; tags beside those common to all as [tag, value]. */
function tiff(
  width: number,
  height: number,
  strip: Uint8Array,
  tags: readonly (readonly [tag: number, value: number])[],
  dpi: number,
): Uint8Array {
  const palette = tags.some(([tag, value]) => tag === 262 && value === 3);
  const stripAt = 8;
  const resolutionAt = stripAt + strip.length + (strip.length % 2);
  const paletteAt = resolutionAt + 8;
  const directoryAt = paletteAt + (palette ? 1536 : 0);
  const [SHORT, LONG, RATIONAL] = [3, 4, 5];
  const common: [tag: number, type: number, count: number, value: number][] = [
    [256, LONG, 1, width],
    [257, LONG, 1, height],
    [258, SHORT, 1, 8],
    [273, LONG, 1, stripAt],
    [277, SHORT, 1, 1],
    [278, LONG, 1, height],
    [279, LONG, 1, strip.length],
    [282, RATIONAL, 1, resolutionAt],
    [283, RATIONAL, 1, resolutionAt],
    [296, SHORT, 1, 2],
  ];
  const own = tags.map(([tag, value]): (typeof common)[number] => [tag, SHORT, 1, value]);
  const entries = [...common, ...own, ...(palette ? [[320, SHORT, 768, paletteAt] as (typeof common)[number]] : [])];
  entries.sort((a, b) => a[0] - b[0]);
  const bytes = Buffer.alloc(directoryAt + 2 + entries.length * 12 + 4);
  bytes.write('II*\0', 'latin1');
  bytes.writeUInt32LE(directoryAt, 4);
  bytes.set(strip, stripAt);
  bytes.writeUInt32LE(dpi, resolutionAt);
  bytes.writeUInt32LE(1, resolutionAt + 4);
  if (palette)
    for (let colour = 0; colour < 768; colour++) bytes.writeUInt16LE((colour % 256) * 257, paletteAt + colour * 2);
  bytes.writeUInt16LE(entries.length, directoryAt);
  entries.forEach(([tag, type, count, value], index) => {
    const at = directoryAt + 2 + index * 12;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(type, at + 2);
    bytes.writeUInt32LE(count, at + 4);
    bytes.writeUInt32LE(value, at + 8);
  });
  return bytes;
}

/** LZW as TIFF has it, with literals only: the table is cleared before codes would need a tenth bit. */
function lzw(values: Uint8Array): Uint8Array {
  const [CLEAR, END, LITERALS, CODE_BITS] = [256, 257, 250, 9];
  const codes: number[] = [];
  values.forEach((value, index) => {
    if (index % LITERALS === 0) codes.push(CLEAR);
    codes.push(value);
  });
  codes.push(END);
  const bytes = new Uint8Array(Math.ceil((codes.length * CODE_BITS) / 8));
  codes.forEach((code, index) => {
    for (let bit = 0; bit < CODE_BITS; bit++) {
      const at = index * CODE_BITS + bit;
      if ((code >> (CODE_BITS - 1 - bit)) & 1) bytes[at >> 3] |= 0x80 >> (at & 7);
    }
  });
  return bytes;
}
