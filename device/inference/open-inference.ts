import type { Clock } from '../clock.ts';
import { WhorlError } from '../errors.ts';
import { InferenceError } from './errors.ts';
import { InferenceChild } from './inference-child.ts';
import type { Inference, InferenceChange, InferenceStatus } from './inference.ts';
import { readManifest, type Manifest } from './manifest.ts';
import type { Attempt, ModelStatus } from './protocol.ts';
import { PROVIDERS, type Provider } from './provider.ts';
import { checkFeeds, type DeclaredShape, type Tensors } from './tensor.ts';

/** Requests that may wait; a touch makes a handful. */
const MOST_WAITING = 16;
/** How long a request waits for the process to be there, and how long it may take once begun. */
const WAIT_MS = 2_500;
const RUN_MS = 3_000;
/** A provider that says nothing for so long while it is tried is given up; TensorRT builds an engine for minutes. */
const TRY_MS = 600_000;
/** Opening usually waits no longer for the first proofs; they go on beside the terminal. */
const OPEN_MS = 15_000;
/** A process that dies again soon is started after a pause, doubled at each death up to the longest. */
const FIRST_BACK_OFF_MS = 250;
const LONGEST_BACK_OFF_MS = 30_000;
/** After so long its death counts as the first. */
const STEADY_MS = 60_000;

export interface InferenceOptions {
  /** Directory of the models and their manifest. */
  readonly models: string;
  readonly clock: Clock;
  /** Those to try, in this order; the CPU last. */
  readonly providers?: readonly Provider[];
  /** How long opening waits for the first proofs, milliseconds; a terminal does not wait for an engine to be built. */
  readonly patienceMs?: number;
  readonly onChange?: (change: InferenceChange) => void;
}

interface Job {
  readonly model: string;
  readonly feeds: Tensors;
  readonly resolve: (outputs: Tensors) => void;
  readonly reject: (error: Error) => void;
  readonly settled: AbortController;
}

/** Models whose process has been started; they may be ready later, or never. */
export interface StartedInference extends Inference {
  /** Ids of the models by name, once the process has been asked to prove them; none where there is no manifest. */
  readonly asked: Promise<Readonly<Record<string, string>>>;
  /** Resolves when the models were tried, whatever came of it, or when patience has ended. */
  readonly opened: Promise<void>;
}

/** Starts the inference process. */
export function startInference(options: InferenceOptions): StartedInference {
  return new SupervisedInference(options);
}

/**
 * Starts the inference process and resolves when its models were tried, whatever came of it: a terminal goes on without
 * models, and `status` says what is wrong with them.
 */
export async function openInference(options: InferenceOptions): Promise<Inference> {
  const inference = startInference(options);
  await inference.opened;
  return inference;
}

/** Keeps an inference process running and hands it one request after another. */
class SupervisedInference implements StartedInference {
  readonly asked: StartedInference['asked'];
  readonly opened: Promise<void>;
  readonly #options: InferenceOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  readonly #waiting: Job[] = [];
  /** Providers that took the process with them: when they were tried, or twice in use. */
  readonly #fatal = new Map<Provider, Attempt>();
  readonly #suspects = new Set<Provider>();
  #wake: () => void = () => undefined;
  #manifest: Manifest | undefined;
  #state: InferenceStatus['state'] = 'starting';
  #models: InferenceStatus['models'] = {};
  #pid: number | undefined;
  #restarts = 0;
  #trouble: InferenceStatus['trouble'];
  #markOpened: () => void = () => undefined;
  #markAsked: (ids: Readonly<Record<string, string>>) => void = () => undefined;

  constructor(options: InferenceOptions) {
    this.#options = options;
    this.asked = new Promise((resolve) => (this.#markAsked = resolve));
    const tried = new Promise<void>((resolve) => (this.#markOpened = resolve));
    const patience = new AbortController();
    const waited = options.clock.sleep(options.patienceMs ?? OPEN_MS, patience.signal).catch(() => undefined);
    this.opened = Promise.race([tried, waited]).then(() => {
      patience.abort();
    });
    this.#running = this.#supervise();
  }

  run(model: string, feeds: Tensors, signal?: AbortSignal): Promise<Tensors> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      this.#check(model, feeds);
      const settled = new AbortController();
      const job: Job = {
        model,
        feeds,
        resolve: (outputs) => {
          settled.abort();
          resolve(outputs);
        },
        reject: (error) => {
          settled.abort();
          reject(error);
        },
        settled,
      };
      this.#waiting.push(job);
      signal?.addEventListener(
        'abort',
        () => {
          this.#drop(job, signal.reason instanceof Error ? signal.reason : new Error('aborted'));
        },
        { once: true, signal: settled.signal },
      );
      this.#options.clock.sleep(WAIT_MS, settled.signal).then(
        () => {
          if (this.#waiting.includes(job)) this.#drop(job, this.#unavailable(model));
        },
        () => undefined,
      );
      this.#wake();
    });
  }

  ready(model: string): { readonly id: string } | undefined {
    if (this.#state !== 'running' || !Object.hasOwn(this.#models, model)) return undefined;
    const { id, state } = this.#models[model];
    return state === 'ready' ? { id } : undefined;
  }

  status(): InferenceStatus {
    return {
      state: this.#state,
      models: this.#models,
      ...(this.#pid !== undefined && { pid: this.#pid }),
      restarts: this.#restarts,
      ...(this.#trouble && { trouble: this.#trouble }),
    };
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    this.#stop.abort();
    this.#refuseAll(new InferenceError('inference.closed', 'the models are being closed'));
    await this.#running;
  }

  /** Whether a request could be computed at all. */
  #check(model: string, feeds: Tensors): void {
    if (this.#state === 'closed') throw new InferenceError('inference.closed', 'the models are closed');
    if (this.#manifest && !Object.hasOwn(this.#manifest.models, model))
      throw new InferenceError('inference.unknown-model', `the manifest has no model "${model}"`);
    const refused = Object.hasOwn(this.#models, model) && this.#models[model].state === 'refused';
    if (!this.#manifest || this.#state === 'down' || refused) throw this.#unavailable(model);
    const inputs: Record<string, DeclaredShape> = {};
    for (const [name, { shape }] of Object.entries(this.#manifest.models[model].inputs)) inputs[name] = shape;
    checkFeeds(model, inputs, feeds);
    if (this.#waiting.length >= MOST_WAITING)
      throw new InferenceError('inference.overloaded', `${MOST_WAITING} requests wait for the models already`);
  }

  #unavailable(model: string): InferenceError {
    const status = Object.hasOwn(this.#models, model) ? this.#models[model] : undefined;
    const why =
      this.#trouble?.message ?? (status?.state === 'refused' ? status.message : 'the inference process is starting');
    return new InferenceError('inference.unavailable', `${model} cannot be used now: ${why}`);
  }

  #drop(job: Job, reason: Error): void {
    const place = this.#waiting.indexOf(job);
    if (place >= 0) this.#waiting.splice(place, 1);
    job.reject(reason);
  }

  #refuseAll(reason: InferenceError): void {
    for (const job of this.#waiting.splice(0)) job.reject(reason);
  }

  /** Starts one process after another, until closed. */
  async #supervise(): Promise<void> {
    const { clock, models: directory } = this.#options;
    try {
      this.#manifest = await readManifest(directory);
    } catch (error) {
      this.#markAsked({});
      this.#degrade('down', asWhorlError(error));
      this.#markOpened();
      return;
    }
    let deaths = 0;
    while (!this.#stopped()) {
      const begin = clock.monotonic();
      const end = await this.#session(this.#manifest);
      if (this.#stopped()) return;
      this.#restarts++;
      deaths = clock.monotonic() - begin > STEADY_MS ? 1 : deaths + 1;
      // The first time at once: somebody has lifted the finger and touches again.
      const pause = deaths === 1 ? 0 : Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (deaths - 2));
      this.#degrade(pause === 0 ? 'starting' : 'down', end);
      this.#markOpened();
      await clock.sleep(pause, this.#stop.signal).catch(() => undefined);
      if (!this.#stopped()) this.#state = 'starting';
    }
  }

  #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** One process from its start to its end; returns what ended it. */
  async #session(manifest: Manifest): Promise<WhorlError> {
    const { models: directory, clock, providers: wanted = PROVIDERS } = this.#options;
    const child = new InferenceChild(clock);
    this.#pid = child.pid;
    let loaded = false;
    try {
      const providers = wanted.filter((provider) => !this.#fatal.has(provider));
      const closed = new Promise<never>((_resolve, reject) => {
        const refuse = (): void => {
          reject(new InferenceError('inference.closed', 'the models are closed'));
        };
        if (this.#stopped()) refuse();
        else this.#stop.signal.addEventListener('abort', refuse, { once: true });
      });
      closed.catch(() => undefined);
      const loading = child.ask({ kind: 'load', directory, manifest, providers }, TRY_MS);
      this.#markAsked(Object.fromEntries(Object.entries(manifest.models).map(([name, { id }]) => [name, id])));
      const answer = await Promise.race([loading, closed]);
      if (answer.kind === 'loaded') this.#announce(answer.models);
      loaded = true;
      for (;;) {
        const job = this.#waiting.shift();
        if (job) await this.#compute(child, job, closed);
        else {
          const woken = new Promise<void>((resolve) => (this.#wake = resolve));
          const end = await Promise.race([woken, child.ended, closed]);
          if (end) throw end;
        }
      }
    } catch (error) {
      const end = asWhorlError(error);
      if (!loaded && child.trying !== undefined) this.#giveUp(child.trying, end);
      return end;
    } finally {
      await child.end();
      this.#pid = undefined;
    }
  }

  /** @throws InferenceError where the process did not survive it, or is not wanted any more */
  async #compute(child: InferenceChild, job: Job, closed: Promise<never>): Promise<void> {
    const { model, feeds, resolve, reject } = job;
    if (this.ready(model) === undefined) {
      reject(this.#unavailable(model));
      return;
    }
    try {
      const answer = await Promise.race([child.ask({ kind: 'run', model, feeds }, RUN_MS), closed]);
      if (answer.kind === 'outputs') resolve(answer.outputs);
    } catch (error) {
      const refused = asWhorlError(error);
      reject(refused);
      if (refused.code === 'inference.run-failed') return;
      const used = this.#models[model];
      if (used.state === 'ready') this.#suspect(used.provider, refused);
      throw refused;
    }
  }

  /** A process may be killed by somebody else while a provider computes; the second time it is the provider's fault. */
  #suspect(provider: Provider, end: WhorlError): void {
    if (this.#suspects.has(provider)) this.#giveUp(provider, end);
    this.#suspects.add(provider);
  }

  #giveUp(provider: Provider, { code, message }: WhorlError): void {
    if (provider === 'cpu' || this.#stopped()) return;
    const refused = { code, message: `${provider} took the inference process with it: ${message}` };
    this.#fatal.set(provider, { provider, refused });
  }

  #announce(proven: Readonly<Record<string, ModelStatus>>): void {
    const kind = Object.keys(this.#models).length === 0 ? 'loaded' : 'restored';
    this.#models = Object.fromEntries(
      Object.entries(proven).map(([name, status]) => [
        name,
        { ...status, attempts: [...this.#fatal.values(), ...status.attempts] },
      ]),
    );
    this.#state = 'running';
    this.#trouble = undefined;
    this.#options.onChange?.({ kind, status: this.status() });
    const refused = Object.values(this.#models).find((status) => status.state === 'refused');
    if (refused?.state === 'refused') this.#degrade('running', new WhorlError(refused.code, refused.message));
    this.#markOpened();
  }

  /** What waited for the process that ended is refused; what comes later waits for the next one. */
  #degrade(state: InferenceStatus['state'], { code, message }: WhorlError): void {
    this.#state = state;
    if (state !== 'running') {
      this.#trouble = { code, message };
      this.#refuseAll(new InferenceError('inference.died', message));
    }
    this.#options.onChange?.({ kind: 'degraded', status: this.status(), code, message });
  }
}

function asWhorlError(cause: unknown): WhorlError {
  if (cause instanceof WhorlError) return cause;
  return new InferenceError('inference.died', cause instanceof Error ? cause.message : String(cause), { cause });
}
