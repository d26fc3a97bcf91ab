import { ImagingError } from './errors.ts';
import { WORKING_DPI, type GrayImage } from './gray-image.ts';
import { measureContrast, normaliseLocally, type LocalContrast } from './local-normalisation.ts';
import { IMAGING } from './parameters.ts';
import { createPlane, type Plane } from './plane.ts';
import { measureTensor, type RidgeTensor } from './ridge-tensor.ts';
import { measureCoherence, segment, type Mask } from './segmentation.ts';

/** What both the assessment and the extraction of a print start from. Grids have cells of `IMAGING.cell` pixels. */
export interface PrintAnalysis {
  readonly contrast: LocalContrast;
  /** The picture at mean 0 and even contrast, ridges positive. */
  readonly normalised: Plane;
  readonly tensor: RidgeTensor;
  readonly coherence: Float32Array;
  readonly mask: Mask;
}

/**
 * @param plane where the normalised picture is put; must be zero and of the picture's size
 * @throws ImagingError `imaging.bad-size`, `imaging.bad-resolution`
 */
export function analysePrint(image: GrayImage, plane: Plane = createPlane(image.width, image.height)): PrintAnalysis {
  const contrast = measureContrast(image);
  normaliseLocally(image, contrast, plane);
  const tensor = measureTensor(plane);
  const coherence = measureCoherence(tensor, IMAGING.maskReach / tensor.grid.cell);
  const mask = segment(contrast, coherence);
  return { contrast, normalised: plane, tensor, coherence, mask };
}

/** @throws ImagingError `imaging.bad-size`, `imaging.bad-resolution` where a picture is not fit to be worked on */
export function checkPicture(image: GrayImage): void {
  const { width, height, dpi, pixels } = image;
  const { minimumSide, maximumSide, dpiTolerance } = IMAGING;
  const fits = (side: number): boolean => Number.isInteger(side) && side >= minimumSide && side <= maximumSide;
  if (!fits(width) || !fits(height)) {
    throw new ImagingError(
      'imaging.bad-size',
      `A print of ${width} × ${height} pixels cannot be worked on: sides from ${minimumSide} to ${maximumSide} can.`,
    );
  }
  if (pixels.length !== width * height) {
    throw new ImagingError(
      'imaging.bad-size',
      `A print of ${width} × ${height} pixels must come with ${width * height} samples, not ${pixels.length}.`,
    );
  }
  if (!(Math.abs(dpi - WORKING_DPI) <= dpiTolerance)) {
    throw new ImagingError(
      'imaging.bad-resolution',
      `The print has ${dpi} dpi; resample it to ${WORKING_DPI} first (toWorkingResolution).`,
    );
  }
}
