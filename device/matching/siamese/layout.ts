// What the networks of `models/` see and say; `models/training` defines the quantities.

/** Pixels per inch of every picture that a network sees. */
export const MODEL_DPI = 250;

/** Side in pixels at 250 dpi of a cell: the backbone describes each by itself. */
export const CELL = 8;

/** Values that describe a cell. */
export const DESCRIPTOR = 48;

/**
 * A descriptor's parts: an order and how many. Of order 0 they are plain numbers; of another one first so many real, then
 * as many imaginary parts of complex numbers that turn by the order times the angle by which the print is turned.
 */
export const ORDERS = [
  [0, 12],
  [1, 9],
  [2, 9],
] as const;

/** Side of a grid in cells: the whole of a 192 × 192 sensor, a window of larger ones. */
export const GRID_SIDE = 12;
export const GRID_CELLS = GRID_SIDE * GRID_SIDE;

/** Side in pixels at 250 dpi of the upright print that the encoder sees. */
export const UPRIGHT_SIDE = 128;

/** Pixels at 250 dpi that the backbone counts as 1 where it says how far a cell lies from the finger's middle. */
export const PLACE_UNIT = 50;
