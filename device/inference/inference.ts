import type { ModelStatus } from './protocol.ts';
import type { Tensors } from './tensor.ts';

/** How the models are. */
export interface InferenceStatus {
  /** `starting`: providers are being proven; `down`: the process died and is started again after a pause. */
  readonly state: 'starting' | 'running' | 'down' | 'closed';
  /** By name, as they were proven last; none before that. */
  readonly models: Readonly<Record<string, ModelStatus>>;
  /** Of the process that computes, while there is one. */
  readonly pid?: number;
  /** How often the process had to be started again. */
  readonly restarts: number;
  /** What is wrong with all of it, where something is. */
  readonly trouble?: { readonly code: string; readonly message: string };
}

/** What happened to the models, in words for events. Providers and hashes are in the status that comes along. */
export type InferenceChange =
  /** For the first time: every model was tried, and some may be refused. */
  | { readonly kind: 'loaded'; readonly status: InferenceStatus }
  /** Some models cannot be used, or none can: touches go on without them. */
  | { readonly kind: 'degraded'; readonly status: InferenceStatus; readonly code: string; readonly message: string }
  /** The process is back, with the models that it could prove again. */
  | { readonly kind: 'restored'; readonly status: InferenceStatus };

/** Models at work in a process of their own. */
export interface Inference {
  /**
   * Computes a model's outputs. Requests wait for each other, in order.
   *
   * @param signal gives up waiting; what has begun is computed to its end and dropped
   * @throws InferenceError `inference.unavailable` where the model cannot be used now (see `status`),
   *   `inference.died` and `inference.hung` where the process ended meanwhile, so that the touch should be tried again,
   *   `inference.overloaded`, `inference.unknown-model`, `inference.bad-input`, `inference.run-failed`,
   *   `inference.closed`; the signal's reason when aborted
   */
  run(model: string, feeds: Tensors, signal?: AbortSignal): Promise<Tensors>;
  /** Whether a model could be run now, and what templates name it by. */
  ready(model: string): { readonly id: string } | undefined;
  status(): InferenceStatus;
  /** Ends the process; what waits is refused. */
  close(): Promise<void>;
}
