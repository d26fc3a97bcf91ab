import type { GrayImage } from '../../device/imaging/gray-image.ts';

/** Mean gray of each pixel. */
export function meanOf(captures: readonly GrayImage[]): Float32Array {
  const mean = new Float32Array(captures[0].pixels.length);
  for (const { pixels } of captures) for (let at = 0; at < mean.length; at++) mean[at] += pixels[at] / captures.length;
  return mean;
}

/** Standard deviation of each pixel from capture to capture, grays. */
export function deviationOf(captures: readonly GrayImage[]): Float32Array {
  const mean = meanOf(captures);
  const square = new Float32Array(mean.length);
  for (const { pixels } of captures)
    for (let at = 0; at < mean.length; at++) square[at] += (pixels[at] - mean[at]) ** 2 / captures.length;
  return square.map(Math.sqrt);
}

/** Median of each pixel's surroundings without itself; `reach` pixels to each side. */
export function surroundings(values: Float32Array, width: number, reach: number): Float32Array {
  const height = values.length / width;
  const around = new Float32Array((2 * reach + 1) ** 2);
  return values.map((_, at) => {
    const x = at % width;
    const y = Math.floor(at / width);
    let count = 0;
    for (let v = Math.max(0, y - reach); v <= Math.min(height - 1, y + reach); v++)
      for (let u = Math.max(0, x - reach); u <= Math.min(width - 1, x + reach); u++)
        if (u !== x || v !== y) around[count++] = values[v * width + u];
    return median(around.subarray(0, count));
  });
}

export function median(values: Float32Array): number {
  const sorted = values.toSorted();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : 0.5 * (sorted[middle - 1] + sorted[middle]);
}
