/** Gray of a colour by ITU-R BT.601: red, green, blue and the result in 0 to 255. */
export function luma(red: number, green: number, blue: number): number {
  return Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
}
