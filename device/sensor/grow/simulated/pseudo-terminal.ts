import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { SensorError } from '../../errors.ts';

/** After so long without a byte the host may have changed its rate. */
const RATE_HOLDS_MS = 100;

/**
 * A serial port that no wire leads to: programs open `path` as they open a real one, and what they write arrives here. A
 * socat of our own holds it; when it ends, the port is gone as if it were unplugged.
 */
export class PseudoTerminal {
  readonly path: string;
  readonly #socat: ChildProcess;
  #baud: number | undefined;
  #readAt = -Infinity;
  #reading: Promise<void> = Promise.resolve();

  private constructor(path: string, socat: ChildProcess) {
    this.path = path;
    this.#socat = socat;
    // A write to a port that was just closed is lost, as on a wire.
    socat.stdin?.on('error', () => undefined);
  }

  /**
   * @param link where a symbolic link to the port is wanted: the same after every unplugging
   * @param onData with the rate that the host has set, where that can be told
   * @throws SensorError `sensor.no-pseudo-terminal`
   */
  static async open(
    link: string | undefined,
    onData: (bytes: Uint8Array, baud: number | undefined) => void,
  ): Promise<PseudoTerminal> {
    const address = `PTY,raw,echo=0,b57600${link === undefined ? '' : `,link=${link}`}`;
    const socat = spawn('socat', ['-d', '-d', address, 'STDIO'], { stdio: ['pipe', 'pipe', 'pipe'] });
    const path = await new Promise<string>((resolve, reject) => {
      let words = '';
      const fail = (cause?: unknown): void => {
        const why = words.trim().split('\n').at(-1) ?? '';
        reject(
          new SensorError(
            'sensor.no-pseudo-terminal',
            `a simulated sensor needs socat (apt install socat): ${cause instanceof Error ? cause.message : why}`,
            { cause },
          ),
        );
      };
      socat.once('error', fail).once('close', fail);
      socat.stderr.setEncoding('utf8').on('data', (text: string) => {
        words += text;
        const device = /PTY is (\S+)/.exec(words)?.[1];
        if (device !== undefined) resolve(device);
      });
    });
    const terminal = new PseudoTerminal(path, socat);
    socat.stdout.on('data', (bytes: Buffer) => {
      terminal.#arrive(bytes, onData);
    });
    return terminal;
  }

  send(bytes: Uint8Array): void {
    if (this.#socat.stdin?.writable === true) this.#socat.stdin.write(bytes);
  }

  /** The port is gone when this resolves. */
  async close(): Promise<void> {
    if (this.#socat.exitCode !== null || this.#socat.signalCode !== null) return;
    const ended = once(this.#socat, 'close');
    this.#socat.kill('SIGTERM');
    await ended;
  }

  /** In order, each with the host's rate. */
  #arrive(bytes: Uint8Array, onData: (bytes: Uint8Array, baud: number | undefined) => void): void {
    const now = performance.now();
    const mayHaveChanged = now - this.#readAt > RATE_HOLDS_MS;
    this.#readAt = now;
    this.#reading = this.#reading.then(async () => {
      if (mayHaveChanged) this.#baud = await readBaud(this.path);
      onData(bytes, this.#baud);
    });
  }
}

/** The rate that whoever opened the port has set: the port itself does not care. */
async function readBaud(path: string): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)('stty', ['-F', path, 'speed']);
    return Number(stdout);
  } catch {
    // Just gone, or no stty here.
    return undefined;
  }
}
