/**
 * A picture of a fingertip: 8-bit gray, row by row from the top left, dark ridges on a light ground
 * once it has passed polarity detection. `pixels.length === width * height`.
 */
export interface GrayImage {
  readonly width: number;
  readonly height: number;
  /** Pixels per inch, the same in both directions. */
  readonly dpi: number;
  readonly pixels: Uint8Array;
}

/** The resolution at which everything behind imaging works: every constant in pixels is meant at this one. */
export const WORKING_DPI = 500;
