/** What a reader of one file format gives: gray, as the file has it. */
export interface DecodedPicture {
  readonly width: number;
  readonly height: number;
  /** Pixels per inch as the file states them, whether plausible or not. */
  readonly dpi?: number;
  /** 8-bit gray, row by row from the top left. */
  readonly pixels: Uint8Array;
}
