import type { TouchTemplate } from '../../gallery/template-codec.ts';
import type { TouchDescription } from './describe.ts';
import { packGrid } from './grid-codec.ts';

/** What is kept of a description: nothing of nothing. */
export function storedParts(described: TouchDescription | undefined): Pick<TouchTemplate, 'latent' | 'grid'> {
  if (described === undefined) return {};
  const { latent, grid } = described;
  return { grid: { model: grid.model, values: packGrid(grid.values) }, ...(latent && { latent }) };
}
