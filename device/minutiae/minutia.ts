export type MinutiaType = 'ending' | 'bifurcation' | 'other';

/**
 * A minutia in the conventions of ISO/IEC 19794-2: x to the right and y downwards in pixels at 500 dpi.
 */
export interface Minutia {
  readonly x: number;
  readonly y: number;
  /**
   * Radians in [0, 2π), counter-clockwise from the x axis as seen on the picture (so the vector is
   * `(cos direction, -sin direction)` in y-down pixels). For an ending it points from the ending back along its
   * ridge, for a bifurcation from the fork along the valley between its branches.
   */
  readonly direction: number;
  readonly type: MinutiaType;
  /** 0 (worst) to 100 (best). */
  readonly quality: number;
}

/** The minutiae of one impression, best first or in no order: matchers must not depend on it. */
export interface MinutiaeTemplate {
  /** Size of the impression in pixels at 500 dpi. */
  readonly width: number;
  readonly height: number;
  readonly minutiae: readonly Minutia[];
}
