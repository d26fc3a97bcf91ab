import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { SerialPort } from 'serialport';
import { SensorError } from '../../errors.ts';

/** What the port starts with. */
const FIRST_BAUD = 57_600;

/** The port as its own process holds it beside whoever opens it: the rate that was set last is all it is asked. */
type Watch = Awaited<ReturnType<(typeof SerialPort)['binding']['open']>>;

/**
 * A serial port that no wire leads to: programs open `path` as they open a real one, and what they write arrives here. A
 * socat of our own holds it; when it ends, the port is gone as if it were unplugged.
 */
export class PseudoTerminal {
  readonly path: string;
  readonly #socat: ChildProcess;
  readonly #watch: Watch;
  #reading: Promise<void> = Promise.resolve();
  #sending: Promise<void> = Promise.resolve();

  private constructor(path: string, socat: ChildProcess, watch: Watch) {
    this.path = path;
    this.#socat = socat;
    this.#watch = watch;
    // A write to a port that was just closed is lost, as on a wire.
    socat.stdin?.on('error', () => undefined);
  }

  /**
   * @param link where a symbolic link to the port is wanted: the same after every unplugging
   * @param onData with the rate that the host has set: the port itself does not care
   * @throws SensorError `sensor.no-pseudo-terminal`
   */
  static async open(
    link: string | undefined,
    onData: (bytes: Uint8Array, baud: number) => void,
  ): Promise<PseudoTerminal> {
    const address = `PTY,raw,echo=0,b${FIRST_BAUD}${link === undefined ? '' : `,link=${link}`}`;
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
    const { SerialPort: Port } = await import('serialport');
    const watch = await Port.binding.open({ path, baudRate: FIRST_BAUD, lock: false });
    const terminal = new PseudoTerminal(path, socat, watch);
    socat.stdout.on('data', (bytes: Buffer) => {
      terminal.#arrive(bytes, onData);
    });
    return terminal;
  }

  /** @param baud whoever listens at another rate understands nothing */
  send(bytes: Uint8Array, baud: number): void {
    this.#sending = this.#sending.then(async () => {
      try {
        const { baudRate } = await this.#watch.getBaudRate();
        if (this.#socat.stdin?.writable !== true) return;
        this.#socat.stdin.write(baudRate === baud ? bytes : bytes.map((byte) => byte ^ 0x5a));
      } catch {
        // Unplugged meanwhile.
      }
    });
  }

  /** The port is gone when this resolves. */
  async close(): Promise<void> {
    const hasEnded = this.#socat.exitCode !== null || this.#socat.signalCode !== null;
    if (!hasEnded) {
      const ended = once(this.#socat, 'close');
      this.#socat.kill('SIGTERM');
      await ended;
    }
    if (this.#watch.isOpen) await this.#watch.close();
  }

  /** In order, each with the host's rate. */
  #arrive(bytes: Uint8Array, onData: (bytes: Uint8Array, baud: number) => void): void {
    this.#reading = this.#reading.then(async () => {
      try {
        const { baudRate } = await this.#watch.getBaudRate();
        onData(bytes, baudRate);
      } catch {
        // Unplugged meanwhile: nobody hears it any more.
      }
    });
  }
}
