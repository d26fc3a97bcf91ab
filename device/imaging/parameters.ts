/**
 * Every constant of segmentation and quality, in pixels at 500 dpi and grey levels of 255 where no other unit is given.
 */
export const IMAGING = {
  /** Smallest and largest side of a picture that is assessed, px at 500 dpi (1.6 to 102 mm). */
  minimumSide: 32,
  maximumSide: 2000,
  /** Accepted distance from 500 dpi, dpi: rounding by resampling, nothing more. */
  dpiTolerance: 1,
  /** Side of a cell of the statistics grids, px: half a ridge period. */
  cell: 4,
  /** Reach (Gaussian sigma) of local mean and contrast, px: about one ridge period. */
  contrastReach: 8,
  /** Sensor noise (standard deviation, grey levels) that normalisation does not blow up to full contrast. */
  noiseFloor: 4,
  /** Fixed-point unit: a normalised sample of one standard deviation. */
  unit: 256,
  /** Normalised samples are clipped at this many standard deviations: sparks and scratches must not dominate. */
  clip: 3,
  /** Reach (sigma) over which segmentation looks at contrast and coherence, px. */
  maskReach: 8,
  /** Contrast (standard deviation, grey levels) under which nothing is a print. */
  minimumContrast: 5,
  /** Contrast relative to the print's well-inked parts under which a place is ground. */
  relativeContrast: 0.25,
  /** Share (0–1) of cells, by contrast, at which the well-inked parts' contrast is read. */
  contrastPercentile: 0.9,
  /** Coherence (0–1) under which a place carries no ridges. */
  minimumCoherence: 0.15,
  /** Periods that ridges can have, as the quality map sees them (it reads blotched and pored ridges wider), px. */
  shortestPeriod: 5,
  longestPeriod: 16,
  /** Mean square of the normalised picture (clear ridges: about 0.5) under which contrast is only a slope of grey. */
  minimumPower: 0.1,
  /** Clarity (mean quality, 0–1) that counts for nothing, and that counts in full. */
  leastClarity: 0.25,
  fullClarity: 0.75,
  /** Area of ridges that counts in full, px² (about a 192 × 192 sensor filled to four fifths). */
  fullArea: 30000,
  /** Area of ridges under which there is no finger, px² (6 mm²). */
  fingerArea: 2500,
  /** Area of ridges under which a capture is refused, px² (31 mm²). */
  usableArea: 12000,
  /** Quality under which a capture is refused (prints rated 5 are still matched), and from which there is nothing to improve. */
  usableQuality: 5,
  goodQuality: 50,
  /** Offset (share of half the picture's side) beyond which the finger should be moved. */
  centredWithin: 0.35,
  /** Share of dark pixels among ridges above which the skin is wet, and under which it is dry. */
  wetShare: 0.58,
  dryShare: 0.42,
  /** Contrast (standard deviation, grey levels) under which more pressure would help. */
  faintContrast: 20,
} as const;
