import type { GrayImage } from '../../imaging/gray-image.ts';
import type { Inference } from '../../inference/inference.ts';
import type { Tensors } from '../../inference/tensor.ts';
import { quantizeLatent } from '../latent/quantize.ts';
import type { Cells } from './cells.ts';
import { cutGrid, gridWindowOf, type Grid, type GridWindow } from './grid.ts';
import { UPRIGHT_SIDE } from './layout.ts';
import { modelPictureOf } from './model-picture.ts';
import { poseOf, type Pose } from './pose.ts';
import { uprightPrint } from './upright-print.ts';

/** Whatever runs the networks. */
export type Networks = Pick<Inference, 'run' | 'ready'>;

/** What the networks say of a touch. Models are named as in the manifest. */
export interface TouchDescription {
  readonly pose: Pose;
  readonly window: GridWindow;
  /** As the backbone left it: a touch that is compared at once need not be rounded. */
  readonly grid: { readonly model: string; readonly values: Grid };
  /** Absent where the encoder cannot be used. */
  readonly latent?: { readonly model: string; readonly values: Int8Array };
}

/**
 * Runs the backbone over a picture, and the encoder over the print turned upright.
 *
 * @param image at 500 dpi
 * @returns nothing where the backbone cannot be used
 * @throws InferenceError see `Inference.run`
 */
export async function describeTouch(
  networks: Networks,
  image: GrayImage,
  signal?: AbortSignal,
): Promise<TouchDescription | undefined> {
  const backbone = networks.ready('backbone');
  if (backbone === undefined) return undefined;
  const picture = modelPictureOf(image);
  const { width, height, values } = picture;
  const cells = readCells(
    await networks.run('backbone', { image: { shape: [1, 1, height, width], data: values } }, signal),
  );
  const pose = poseOf(cells);
  const window = gridWindowOf(cells);
  const seen = { pose, window, grid: { model: backbone.id, values: cutGrid(cells, window) } };
  const encoder = networks.ready('encoder');
  if (encoder === undefined) return seen;
  const print = { shape: [1, 1, UPRIGHT_SIDE, UPRIGHT_SIDE], data: uprightPrint(picture, pose) };
  const { latent } = await networks.run('encoder', { print }, signal);
  return { ...seen, latent: { model: encoder.id, values: quantizeLatent(latent.data) } };
}

function readCells({ descriptors, confidence, place }: Tensors): Cells {
  const [, , rows, columns] = confidence.shape;
  return { columns, rows, descriptors: descriptors.data, confidence: confidence.data, place: place.data };
}
