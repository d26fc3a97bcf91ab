import five from 'johnny-five';
import type { BoardConnection } from './board-connection.ts';
import type { BoardNews, Input } from './board.ts';
import { LONGEST_PULSE_MS } from './door.ts';
import { DoorError } from './errors.ts';
import type { SignalStep } from './signals.ts';
import type { BoardWiring } from './wiring.ts';

/** How long a board may take to answer after it was opened: a boot loader first, then the firmware. */
const READY_MS = 8_000;
/** A contact that bounces is asked again after so long. */
const DEBOUNCE_MS = 25;

type Lamps = Readonly<Record<'green' | 'red' | 'buzzer', five.Pin | undefined>>;

const [LOW, HIGH] = [0, 1] as const;
const [MODE_INPUT, MODE_OUTPUT] = [0, 1] as const;

/** What its types do not tell of a `five.Board`. */
interface PlainBoard {
  once(event: 'ready' | 'error', listener: (error?: unknown) => void): unknown;
  pinMode(line: number, mode: number): void;
  digitalWrite(line: number, level: number): void;
  digitalRead(line: number, listener: (level: number) => void): void;
}

/**
 * The board in the hands of the process that owns it: johnny-five's pins with a bound on every release. One connection,
 * one `IoBoard`, one process: nothing of an earlier connection can reach a later one.
 */
export class IoBoard {
  readonly inputs: Readonly<Partial<Record<Input, boolean>>>;
  readonly #connection: BoardConnection;
  readonly #relay: five.Relay;
  readonly #lamps: Lamps;
  #end: NodeJS.Timeout | undefined;
  #step: NodeJS.Timeout | undefined;

  /** Begins the connection, waits for the board and reads every input once. */
  static async start(
    connection: BoardConnection,
    wiring: BoardWiring,
    onNews: (news: BoardNews) => void,
  ): Promise<IoBoard> {
    const options = { io: connection.io, repl: false, debug: false, sigint: false };
    const board = new five.Board(options);
    const plain = board as unknown as PlainBoard;
    const deadline = AbortSignal.timeout(READY_MS);
    const patience = AbortSignal.any([connection.gone, deadline]);
    const waitFor = <T>(answer: Promise<T>): Promise<T> =>
      Promise.race([
        answer,
        new Promise<never>((_resolve, reject) => {
          const fail = (): void => {
            reject(
              connection.gone.aborted
                ? (connection.gone.reason as DoorError)
                : new DoorError(
                    'door.firmware',
                    `nothing that speaks Firmata answered in ${READY_MS / 1_000} s; upload StandardFirmata to the board`,
                  ),
            );
          };
          if (patience.aborted) fail();
          else patience.addEventListener('abort', fail, { once: true });
        }),
      ]);
    const ready = new Promise<void>((resolve, reject) => {
      plain.once('ready', () => {
        resolve();
      });
      plain.once('error', (error) => {
        reject(new DoorError('door.firmware', `the door’s board does not work: ${String(error)}`, { cause: error }));
      });
    });
    connection.begin();
    await waitFor(ready);
    const pin = (line: number): five.Pin => new five.Pin({ pin: line, board, mode: MODE_OUTPUT } as five.PinOption);
    // Once: Firmata sets a pin low whenever it makes it an output.
    plain.pinMode(wiring.relay.line, MODE_OUTPUT);
    // johnny-five's word for a relay that is energised by a low level.
    const type = wiring.relay.active === 'low' ? 'NC' : 'NO';
    const relay = new five.Relay({ pin: wiring.relay.line, board, type });
    relay.open();
    const lamp = (line: number | undefined): five.Pin | undefined => {
      if (line === undefined) return undefined;
      const output = pin(line);
      output.low();
      return output;
    };
    const lamps = { green: lamp(wiring.green), red: lamp(wiring.red), buzzer: lamp(wiring.buzzer) };
    const levels = listen(plain, wiring, onNews);
    const inputs = await waitFor(levels);
    await connection.flushed();
    return new IoBoard(connection, relay, lamps, inputs);
  }

  private constructor(connection: BoardConnection, relay: five.Relay, lamps: Lamps, inputs: IoBoard['inputs']) {
    this.inputs = inputs;
    this.#connection = connection;
    this.#relay = relay;
    this.#lamps = lamps;
  }

  /** Energises the relay for so long from now, and resolves when the board was told. */
  async release(ms: number): Promise<void> {
    if (!(ms > 0 && ms <= LONGEST_PULSE_MS)) throw new DoorError('door.bad-pulse', `no release lasts ${ms} ms`);
    if (this.#connection.gone.aborted) throw this.#connection.gone.reason as DoorError;
    clearTimeout(this.#end);
    this.#end = setTimeout(() => {
      this.secure();
    }, ms);
    this.#relay.close();
    await this.#connection.flushed();
  }

  secure(): void {
    clearTimeout(this.#end);
    this.#relay.open();
  }

  show(steps: readonly SignalStep[], lasting: boolean, index = 0): void {
    clearTimeout(this.#step);
    const step = index < steps.length || (lasting && steps.length > 0) ? steps[index % steps.length] : undefined;
    for (const name of ['green', 'red', 'buzzer'] as const) this.#lamps[name]?.write(step?.[name] ? HIGH : LOW);
    if (step === undefined) return;
    this.#step = setTimeout(() => {
      this.show(steps, lasting, index + 1);
    }, step.ms);
  }

  /** Relay off, lamps dark, port closed. */
  async close(): Promise<void> {
    this.secure();
    this.show([], false);
    await this.#connection.close();
  }
}

/** Reads every input, and tells changes from then on. */
async function listen(
  board: PlainBoard,
  wiring: BoardWiring,
  onNews: (news: BoardNews) => void,
): Promise<Partial<Record<Input, boolean>>> {
  const wired = Object.entries(wiring.inputs) as [Input, NonNullable<BoardWiring['inputs'][Input]>][];
  // All in one go: what a board reports in between would be taken for the pull-up of a neighbour.
  for (const [, { line }] of wired) {
    board.pinMode(line, MODE_INPUT);
    board.digitalWrite(line, HIGH);
  }
  const first = await Promise.all(
    wired.map(
      ([input, { line, wired: circuit }]) =>
        new Promise<[Input, boolean]>((resolve) => {
          let known: boolean | undefined;
          let latest = false;
          let bounce: NodeJS.Timeout | undefined;
          board.digitalRead(line, (level) => {
            // The line is pulled up, a closed circuit pulls it down.
            latest = (level === LOW) === (circuit === 'NO');
            if (known === undefined) {
              known = latest;
              resolve([input, latest]);
            } else if (latest !== known) {
              bounce ??= setTimeout(() => {
                bounce = undefined;
                if (latest === known) return;
                known = latest;
                onNews({ kind: 'input', input, active: latest });
              }, DEBOUNCE_MS);
            }
          });
        }),
    ),
  );
  return Object.fromEntries(first);
}
