/**
 * What the backbone says of a picture, cell by cell, in planes of rows × columns values as it leaves them. Cell (i, j)
 * covers pixels 8i … 8i + 7 across and 8j … 8j + 7 down at 250 dpi.
 */
export interface Cells {
  readonly columns: number;
  readonly rows: number;
  /** 48 planes; a cell's values have length 1 together. */
  readonly descriptors: Float32Array;
  /** One plane, 0 to 1: how much a cell can be relied on. */
  readonly confidence: Float32Array;
  /**
   * Four planes: x and y of the cell on an upright finger from its middle, y downwards, in units of 50 pixels at
   * 250 dpi; then cosine and sine of the print's rotation (counter-clockwise as a person sees it).
   */
  readonly place: Float32Array;
}
