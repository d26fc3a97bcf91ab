import { WhorlError } from '../errors.ts';
import type { Manifest, ModelEntry } from './manifest.ts';
import { checkProof, ModelSession, readModelFile, type Proof } from './model-session.ts';
import type { Answer, Attempt, ModelStatus, Request } from './protocol.ts';
import { filesFor, type Provider } from './provider.ts';

const DAMAGE = ['inference.model-missing', 'inference.wrong-hash'];

/** Old tensors lie about until V8 finds them, tens of megabytes later: a pause of so long is used to collect them. */
const PAUSE_MS = 200;

/**
 * The process that owns the models: onnxruntime blocks the thread that runs it, and a fault in a GPU's driver ends the
 * process that it happens in. It lives as long as its parent wants it.
 */
export function serve(): void {
  const sessions = new Map<string, ModelSession>();
  let tidying: NodeJS.Timeout | undefined;
  process.on('message', (request: Request) => {
    clearTimeout(tidying);
    void answer(request, sessions).then((told) => {
      say(told);
      tidying = setTimeout(() => globalThis.gc?.(), PAUSE_MS);
    });
  });
  process.on('disconnect', () => {
    process.exit();
  });
  // Ctrl-C and systemd reach the whole group; the parent decides when this one ends.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
}

function say(answer: Answer): void {
  if (process.connected) process.send?.(answer);
}

async function answer(request: Request, sessions: Map<string, ModelSession>): Promise<Answer> {
  try {
    if (request.kind === 'load') return { kind: 'loaded', models: await load(request, sessions) };
    const session = sessions.get(request.model);
    if (!session) throw new Error(`${request.model} is not loaded`);
    return { kind: 'outputs', outputs: await session.run(request.feeds) };
  } catch (error) {
    return { kind: 'failed', ...described(error) };
  }
}

async function load(
  { directory, manifest, providers }: { directory: string; manifest: Manifest; providers: readonly Provider[] },
  sessions: Map<string, ModelSession>,
): Promise<Record<string, ModelStatus>> {
  const models: Record<string, ModelStatus> = {};
  for (const [name, entry] of Object.entries(manifest.models))
    models[name] = await open(directory, name, entry, providers, (session) => sessions.set(name, session));
  return models;
}

/** Gives a model to the first provider that proves that it can compute it. */
async function open(
  directory: string,
  name: string,
  entry: ModelEntry,
  providers: readonly Provider[],
  keep: (session: ModelSession) => void,
): Promise<ModelStatus> {
  const attempts: Attempt[] = [];
  const { id } = entry;
  for (const provider of providers)
    for (const file of filesFor(provider, entry.files)) {
      say({ kind: 'trying', provider, model: name });
      let session: ModelSession | undefined;
      let proof: Proof | undefined;
      try {
        session = await ModelSession.open(await readModelFile(directory, file), name, provider);
        session.checkShapes(name, entry);
        proof = await session.prove(entry.knownAnswer);
        checkProof(name, provider, file, proof);
        keep(session);
        attempts.push({ provider, file: file.path, proof });
        const { path, sha256, precision } = file;
        return { id, state: 'ready', provider, file: path, sha256, precision, proof, attempts };
      } catch (error) {
        await session?.release();
        const refused = described(error);
        attempts.push({ provider, file: file.path, ...(proof && { proof }), refused });
        // A damaged installation is for people to mend; another of its files would only hide it.
        if (DAMAGE.includes(refused.code)) return { id, state: 'refused', ...refused, attempts };
      }
    }
  // The CPU was the last: what stopped it is the model's own fault, not a missing driver's.
  const refused = attempts.at(-1)?.refused ?? {
    code: 'inference.unloadable',
    message: `no provider is left for ${name}`,
  };
  return { id, state: 'refused', ...refused, attempts };
}

function described(error: unknown): { code: string; message: string } {
  if (error instanceof WhorlError) return { code: error.code, message: error.message };
  return { code: 'inference.run-failed', message: error instanceof Error ? error.message : String(error) };
}
