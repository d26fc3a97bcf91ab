import { fileURLToPath } from 'node:url';
import type { Config } from './config/schema.ts';

/** The models that come with Whorl. */
export const SHIPPED_MODELS = fileURLToPath(new URL('../models', import.meta.url));

/** Where a terminal's models are. */
export function modelsDirectory({ models }: Config): string {
  return models ?? SHIPPED_MODELS;
}
