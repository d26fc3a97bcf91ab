import type { Tensor, Tensors } from '../../inference/tensor.ts';
import type { Cells } from './cells.ts';
import { UPRIGHT_SIDE } from './layout.ts';
import type { ModelPicture } from './model-picture.ts';

export function backboneFeeds({ width, height, values }: ModelPicture): Tensors {
  return { image: { shape: [1, 1, height, width], data: values } };
}

export function readBackbone({ descriptors, confidence, place }: Tensors): Cells {
  const [, , rows, columns] = confidence.shape;
  return { columns, rows, descriptors: descriptors.data, confidence: confidence.data, place: place.data };
}

export function encoderFeeds(print: Float32Array): Tensors {
  return { print: { shape: [1, 1, UPRIGHT_SIDE, UPRIGHT_SIDE], data: print } };
}

export function readEncoder({ latent }: { readonly latent: Tensor }): Float32Array {
  return latent.data;
}
