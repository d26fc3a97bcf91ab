import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { WhorlError } from './errors.ts';

/** Its name in the state directory. */
const SOCKET_FILE = 'control.sock';
/** Longer requests are none of ours. */
const LONGEST_REQUEST = 65_536;
/** A request, and its answer, must be there by then. */
const PATIENCE_MS = 10_000;
/** What operating systems let a socket's path be long. */
const LONGEST_PATH = 107;

/** Answers a request; what it throws is told to whoever asked. */
export type Answer = (request: unknown) => unknown;

/**
 * Opens the terminal's control channel: a Unix socket in its state directory that only its owner may use. A connection is one
 * request, a line of JSON, and one answer: `{"result": …}` or `{"error": {"code": …, "message": …}}`.
 *
 * @returns closes it
 * @throws WhorlError `control.unusable`
 */
export async function openControlSocket(state: string, answer: Answer): Promise<() => Promise<void>> {
  const path = pathIn(state);
  // Whoever left it here has ended: the lock of the state directory is ours.
  rmSync(path, { force: true });
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    serve(socket, answer);
  });
  const mask = process.umask(0o177);
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(path, resolve);
  });
  // The socket is made by now: nothing else must be made under this mask.
  process.umask(mask);
  try {
    await listening;
  } catch (cause) {
    throw new WhorlError('control.unusable', `the control socket ${path} cannot be made: ${String(cause)}`, { cause });
  }
  return async () => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    for (const socket of open) socket.destroy();
    await closed;
  };
}

/**
 * Asks the terminal that runs on a state directory.
 *
 * @throws WhorlError `control.no-terminal`, and what the terminal answers instead of a result
 */
export async function askTerminal(state: string, request: object): Promise<unknown> {
  const path = pathIn(state);
  const line = await new Promise<string>((resolve, reject) => {
    const socket = connect(path);
    const fail = (cause?: unknown): void => {
      socket.destroy();
      reject(
        new WhorlError('control.no-terminal', `no terminal answers on ${state}: start it, or name its --state`, {
          cause,
        }),
      );
    };
    socket.setTimeout(PATIENCE_MS, fail).once('error', fail);
    socket.once('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.once('close', () => {
      if (text.endsWith('\n')) resolve(text);
      else fail();
    });
  });
  const { result, error } = JSON.parse(line) as { result?: unknown; error?: { code: string; message: string } };
  if (error) throw new WhorlError(error.code, error.message);
  return result;
}

function pathIn(state: string): string {
  const path = join(state, SOCKET_FILE);
  if (Buffer.byteLength(path) > LONGEST_PATH)
    throw new WhorlError('control.unusable', `${path} is too long a path for a socket: use a shorter state directory`);
  return path;
}

function serve(socket: Socket, answer: Answer): void {
  let text = '';
  socket.setEncoding('utf8').setTimeout(PATIENCE_MS, () => socket.destroy());
  socket.on('error', () => undefined);
  socket.on('data', (chunk: string) => {
    text += chunk;
    const end = text.indexOf('\n');
    if (end < 0 && text.length <= LONGEST_REQUEST) return;
    socket.removeAllListeners('data');
    void reply(text.slice(0, Math.max(end, 0)), answer).then((line) => socket.end(`${line}\n`));
  });
}

async function reply(line: string, answer: Answer): Promise<string> {
  try {
    let request: unknown;
    try {
      request = JSON.parse(line);
    } catch (cause) {
      throw new WhorlError('control.bad-request', 'a request is one line of JSON', { cause });
    }
    return JSON.stringify({ result: (await answer(request)) ?? null });
  } catch (error) {
    const code = error instanceof WhorlError ? error.code : 'internal';
    return JSON.stringify({ error: { code, message: error instanceof Error ? error.message : String(error) } });
  }
}
