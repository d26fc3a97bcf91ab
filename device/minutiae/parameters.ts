/** Every constant of extraction, in pixels at 500 dpi and radians where no other unit is given. */
export const EXTRACTION = {
  orientation: {
    /** Reach (sigma) of the narrow smoothing, px: less than the curve of a core. */
    narrow: 6,
    /** Reach (sigma) of the wide smoothing that carries the field over smudges and creases, px. */
    wide: 16,
    /** Weight of the wide smoothing beside the narrow one. */
    wideWeight: 0.3,
    /** Reach (sigma) of the smoothing after the first filtering has taken most noise away, px. */
    refined: 9,
  },
  period: {
    /** Ridge periods told apart: from children's and dry fingers' to wide thumbs', px. */
    shortest: 5,
    longest: 15,
    /** Periods tried in between, geometrically spaced. */
    steps: 16,
    /** Side of a cell of the period grid, in cells of the statistics grid. */
    coarseness: 3,
    /** Half length of the probe line across the ridges, px: two periods on either side. */
    probeReach: 20,
    /** Half width of the probe along the ridges, px, and its step. The probe stays within a plane's margin. */
    probeBreadth: 6,
    probeStep: 2,
    /** Reach (sigma) over which spectra are pooled before the best period is read, px. */
    pooling: 20,
    /** What fingers usually have, px, and how far (a factor of 1 ± this, one sigma) a finger may be from it. */
    usual: 9,
    usualSpread: 0.3,
    /** How far a place may be from its finger's own period (a factor of 1 ± this, one sigma). */
    spread: 0.25,
    /** Power of the period with which blotches' spectra rise. */
    blotchSlope: 1,
  },
  filter: {
    /** Rows of a kernel, px; odd, at most 15 (the SIMD kernel works on 16 columns). */
    size: 15,
    /** Orientations over half a turn: a step of 2.8°. */
    orientations: 64,
    /** Periods from `period.shortest` to `period.longest`, geometrically spaced. */
    periods: 12,
    /** Gaussian sigma across the ridges, in periods (0.38 to 0.48 in the literature on contextual filters). */
    across: 0.4,
    /** Gaussian sigma along the ridges, in periods. */
    along: 0.45,
    /** Period on which the filter without orientation is centred, px; it passes about 6 to 13. */
    ringPeriod: 8.5,
    /** Reach (sigma) of the gain control between two filterings, px. */
    gainReach: 8,
    /** Mean square (normalised picture's units) below which the gain rises no further. */
    leastPower: 0.0025,
  },
  mask: {
    /** Share of a usual ridge's power that the smoothing before the comparison leaves. */
    smoothingLoss: 0.6,
    /** Share of a place's contrast that looks like ridges of its orientation and period, under which it is ground. */
    minimumRidgeness: 0.18,
    /** Reach (sigma) over which ridgeness is read, px. */
    ridgenessReach: 8,
    /** Reach (sigma) over which the mask's ragged edges are smoothed, px. */
    smoothing: 10,
  },
  skeleton: {
    /** Longest side branch taken as a spur, px. */
    spur: 12,
    /** Longest piece of line taken as a speck, px. */
    fragment: 7,
    /** Widest break that is closed, px. */
    gap: 10,
    /** Largest angle between a break's line and the ridges it joins. */
    gapAngle: Math.PI / 4,
    /** Length of ridge over which a tip's outward direction is read, px. */
    tipLength: 10,
  },
  minutiae: {
    /** Distance from the mask's edge within which a line's end is the print's end, px. */
    maskMargin: 12,
    /** Length by which a line is continued to see whether it leaves the print, px. */
    lookAhead: 18,
    /** Distance from the picture's edge within which a line's end is the picture's end, px. */
    pictureMargin: 5,
    /** Length of ridge from which a minutia's sense is read, px. */
    trace: 14,
    /** More than this many others within the radius (px): a cloud of noise. */
    cloudRadius: 20,
    cloudSize: 4,
    /** Two minutiae of opposite direction nearer than this undo each other, px. */
    dipole: 8,
    /** The best kept, by quality. */
    count: 48,
    /** Those under this quality are kept only up to this count. */
    leastQuality: 55,
    leastCount: 20,
  },
  /**
   * Fitted by hand to how often the minutiae of a touch are found again in other touches of the finger where both show the
   * place: 45 % at ridgeness 0.2, 90 % from 0.6; 55 % within 20 px of the print's edge; half with a contradicting neighbour.
   */
  quality: {
    /** Ridgeness at which 63 % are found again. */
    clearRidgeness: 0.28,
    /** Distance from the print's edge from which it no longer matters, px. */
    edgeReach: 36,
    /** A neighbour of opposite direction nearer than this contradicts, px, and what it leaves of the quality. */
    crowdReach: 12,
    crowdPenalty: 0.6,
  },
} as const;
