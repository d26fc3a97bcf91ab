import type { Manifest } from './manifest.ts';
import type { Proof } from './model-session.ts';
import type { Provider } from './provider.ts';
import type { Tensors } from './tensor.ts';

// What the terminal and its inference process say to each other. Structured clones carry the tensors
// (`serialization: 'advanced'`), one request at a time.

export type Request =
  | {
      readonly kind: 'load';
      readonly directory: string;
      readonly manifest: Manifest;
      readonly providers: readonly Provider[];
    }
  | { readonly kind: 'run'; readonly model: string; readonly feeds: Tensors };

export type Answer =
  /** Said before each provider is tried, so that it is known which one took the process with it. */
  | { readonly kind: 'trying'; readonly provider: Provider; readonly model: string }
  | { readonly kind: 'loaded'; readonly models: Readonly<Record<string, ModelStatus>> }
  | { readonly kind: 'outputs'; readonly outputs: Tensors }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** One provider's try at a model. */
export interface Attempt {
  readonly provider: Provider;
  /** None where the provider is not tried any more. */
  readonly file?: string;
  /** What it showed, where it came as far as that. */
  readonly proof?: Proof;
  /** Why it is not used. */
  readonly refused?: { readonly code: string; readonly message: string };
}

/** A model at work or not, and what was tried to get it there, in order. */
export type ModelStatus = { readonly id: string; readonly attempts: readonly Attempt[] } & (
  | {
      readonly state: 'ready';
      readonly provider: Provider;
      readonly file: string;
      readonly sha256: string;
      readonly precision: string;
      readonly proof: Proof;
    }
  | { readonly state: 'refused'; readonly code: string; readonly message: string }
);
