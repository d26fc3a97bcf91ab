/**
 * A picture in signed 16-bit samples with a zero margin around it, so that filters need no border cases.
 * Sample (x, y) is `samples[origin + y * stride + x]`.
 */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly stride: number;
  readonly origin: number;
  readonly samples: Int16Array;
}

/** Pixels of zero around every plane: no filter or probe reaches farther. */
export const PLANE_MARGIN = 32;

/** How many samples a plane of this size holds, margin included. */
export function planeLength(width: number, height: number): number {
  return planeStride(width) * (height + 2 * PLANE_MARGIN + 1);
}

function planeStride(width: number): number {
  return width + 2 * PLANE_MARGIN;
}

/** A plane over the given samples, which must be zero and `planeLength` long; without them it gets its own. */
export function createPlane(
  width: number,
  height: number,
  samples: Int16Array = new Int16Array(planeLength(width, height)),
): Plane {
  const stride = planeStride(width);
  return { width, height, stride, origin: PLANE_MARGIN * stride + PLANE_MARGIN, samples };
}
