import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { DoorError } from './errors.ts';

const run = promisify(execFile);

/** A tool that does not answer is given up after so long. */
const TOOL_MS = 3_000;

/**
 * Runs a tool and kills it as soon as our end of its input is closed, in whatever way we end: a line that it holds is
 * let go with it.
 */
const KEEPER = 'exec 3<&0; "$@" & tool=$!; (read -r _ <&3; kill "$tool" 2>/dev/null) & wait "$tool"';

/** libgpiod's command line tools, of either major version: the way to lines without native code. */
export class GpioTools {
  readonly #chip: string;
  readonly #major: number;

  /** @throws DoorError `door.gpio-tools` */
  static async find(chip: string): Promise<GpioTools> {
    const { stdout } = await tool('gpioset', ['--version']);
    const major = Number(/\bv?(\d+)\.\d+/.exec(stdout)?.[1]);
    if (major !== 1 && major !== 2)
      throw new DoorError('door.gpio-tools', `gpioset is of no version that Whorl knows: ${stdout.split('\n')[0]}`);
    return new GpioTools(chip, major);
  }

  private constructor(chip: string, major: number) {
    this.#chip = chip;
    this.#major = major;
  }

  get version(): number {
    return this.#major;
  }

  /** Levels of pulled-up inputs, in their order. */
  async read(lines: readonly number[]): Promise<(0 | 1)[]> {
    const names = lines.map(String);
    const argv =
      this.#major === 1
        ? ['--bias=pull-up', this.#chip, ...names]
        : ['--numeric', '--bias=pull-up', '--chip', this.#chip, ...names];
    const { stdout } = await tool('gpioget', argv);
    const levels = stdout.trim().split(/\s+/);
    if (levels.length !== lines.length || !levels.every((level) => level === '0' || level === '1'))
      throw new DoorError('door.gpio-tools', `gpioget does not tell the levels of ${names.join(', ')}: ${stdout}`);
    return levels.map((level) => (level === '1' ? 1 : 0));
  }

  /** Holds an output at a level until it is let go. */
  hold(line: number, level: 0 | 1): HeldTool {
    const setting = `${line}=${level}`;
    return new HeldTool(
      'gpioset',
      this.#major === 1 ? ['--mode=signal', this.#chip, setting] : ['--chip', this.#chip, setting],
    );
  }

  /** Tells every edge of pulled-up inputs. */
  monitor(lines: readonly number[], onEdge: (line: number, level: 0 | 1) => void): HeldTool {
    const names = lines.map(String);
    const format = ['--bias=pull-up', '--format=%o %e'];
    const argv =
      this.#major === 1
        ? ['--line-buffered', ...format, this.#chip, ...names]
        : [...format, '--edges=both', '--chip', this.#chip, ...names];
    // 1 is a rising edge in both versions; a falling one is 0 in the first and 2 in the second.
    return new HeldTool('gpiomon', argv, (text) => {
      const [line, edge] = text.trim().split(/\s+/).map(Number);
      if (lines.includes(line)) onEdge(line, edge === 1 ? 1 : 0);
    });
  }
}

/** A tool that runs until it is let go, or until this process ends. */
export class HeldTool {
  /** Resolves with why it ended. */
  readonly ended: Promise<string>;
  readonly #process: ChildProcess;

  constructor(name: string, argv: readonly string[], onLine?: (text: string) => void) {
    // A tool of the second version does not say itself that its lines are not to wait in a buffer.
    const command = onLine === undefined ? [name, ...argv] : ['stdbuf', '-oL', name, ...argv];
    this.#process = spawn('sh', ['-c', KEEPER, 'sh', ...command], { stdio: ['pipe', 'pipe', 'pipe'] });
    let complaint = '';
    this.#process.stderr?.on('data', (bytes: Buffer) => (complaint = bytes.toString().trim()));
    if (onLine && this.#process.stdout) createInterface(this.#process.stdout).on('line', onLine);
    else this.#process.stdout?.resume();
    this.#process.stdin?.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      this.#process.once('error', (error) => {
        resolve(`${name}: ${error.message}`);
      });
      this.#process.once('exit', (status) => {
        this.#process.stdin?.destroy();
        resolve(complaint || `${name} ended (status ${status ?? '?'})`);
      });
    });
  }

  /** Ends the tool and waits until it has let go of its lines. */
  async release(): Promise<void> {
    this.#process.stdin?.destroy();
    await this.ended;
  }
}

async function tool(name: string, argv: readonly string[]): Promise<{ stdout: string }> {
  try {
    return await run(name, argv, { timeout: TOOL_MS });
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new DoorError(
      'door.gpio-tools',
      missing
        ? `${name} is not installed: install gpiod, the tools of libgpiod`
        : `${name} failed: ${cause instanceof Error ? cause.message.trim() : String(cause)}`,
      { cause },
    );
  }
}
