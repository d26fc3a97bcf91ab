import type { InferenceStatus } from './inference.ts';

/** What keeps a terminal from using all of its models. */
export function troubleOf({ trouble, models }: InferenceStatus): { code: string; message: string } | undefined {
  if (trouble !== undefined) return trouble;
  for (const model of Object.values(models)) if (model.state === 'refused') return model;
  return undefined;
}
