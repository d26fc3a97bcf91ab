import type { CellGrid } from '../imaging/cell-grid.ts';
import { smooth } from '../imaging/smoothing.ts';
import type { RidgeTensor } from '../imaging/ridge-tensor.ts';

/**
 * Ridge orientation around each cell in doubled-angle form: (cosine, sine) of twice the ridge's angle (x right, y down),
 * its length the coherence 0–1.
 */
export interface OrientationField {
  readonly grid: CellGrid;
  readonly cosine: Float32Array;
  readonly sine: Float32Array;
}

/**
 * @param reaches Gaussian sigmas in pixels and their weights: a narrow one follows curves, a wide one carries the field
 * over places without ridges. Each is normalised to coherence first, so that clear places lead.
 */
export function estimateOrientation(
  tensor: RidgeTensor,
  reaches: readonly { readonly sigma: number; readonly weight: number }[],
): OrientationField {
  const { grid } = tensor;
  const cosine = new Float32Array(tensor.energy.length);
  const sine = new Float32Array(cosine.length);
  for (const { sigma, weight } of reaches) {
    const difference = smooth(grid, tensor.difference, sigma / grid.cell);
    const product = smooth(grid, tensor.product, sigma / grid.cell);
    const energy = smooth(grid, tensor.energy, sigma / grid.cell);
    for (let i = 0; i < cosine.length; i++) {
      if (energy[i] <= 0) continue;
      // A ridge runs at right angles to its gradient: the doubled angle turns by half a turn.
      cosine[i] -= (weight * difference[i]) / energy[i];
      sine[i] -= (weight * product[i]) / energy[i];
    }
  }
  return { grid, cosine, sine };
}
