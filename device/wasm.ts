import { readFileSync } from 'node:fs';

/** The part of the WebAssembly JavaScript interface that kernels need; Node's types for Node 20 leave it out. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports?: object) => { readonly exports: object };
};

/** What every kernel exports: its memory, so that TypeScript can place inputs and read outputs in it. */
export interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
}

/**
 * Starts a kernel built by `npm run build:kernels` from the `.as.ts` source beside it. Every call gives an instance
 * with a memory of its own, so that two users never share scratch space. The caller names the functions that its
 * kernel exports (`startKernel(url) as MtmKernel`).
 *
 * @param url of the `.wasm` file, as `new URL('./kernel.wasm', import.meta.url)`
 */
export function startKernel(url: URL): Kernel {
  const module = new WebAssembly.Module(readFileSync(url));
  return new WebAssembly.Instance(module).exports as Kernel;
}
