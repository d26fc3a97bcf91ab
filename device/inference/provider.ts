import type { InferenceSession } from 'onnxruntime-node';
import type { ModelFile } from './manifest.ts';

/** What can compute a model, in the order in which they are tried. */
export const PROVIDERS = ['tensorrt', 'cuda', 'webgpu', 'cpu'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** The precisions that serve a provider, the best first; WebGPU and CUDA have no kernels that gain from int8. */
const PRECISIONS: Readonly<Record<Provider, readonly ModelFile['precision'][]>> = {
  tensorrt: ['int8', 'float32'],
  cuda: ['float32'],
  webgpu: ['float32'],
  cpu: ['int8', 'float32'],
};

/** The files of a model that a provider may run, the best first. The CPU runs any: the best there is, or none. */
export function filesFor(provider: Provider, files: readonly ModelFile[]): ModelFile[] {
  const usable = PRECISIONS[provider].flatMap((precision) => files.filter((file) => file.precision === precision));
  return provider === 'cpu' ? usable.slice(0, 1) : usable;
}

/**
 * One provider alone: a list of them falls back without a word. One thread, and none that spins: the terminal shares its
 * cores with the sensor, the door and the gallery.
 */
export function sessionOptions(provider: Provider): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    enableCpuMemArena: false,
    enableMemPattern: false,
    logSeverityLevel: 4,
    extra: {
      session: {
        intra_op: { allow_spinning: '0' },
        // The only cheap proof that all of a model is on the GPU: with it, what would be left to the CPU is refused.
        ...(provider !== 'cpu' && { disable_cpu_ep_fallback: '1' }),
      },
    },
  };
}
