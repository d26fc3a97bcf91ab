import type { Clock } from '../../clock.ts';
import { SensorError } from '../errors.ts';
import type { Binding } from './binding.ts';
import { DEFAULT_ADDRESS, encodeFrame, FRAME_KINDS, OVERHEAD } from './frame.ts';
import { Framer, type Received } from './framer.ts';
import { CONFIRMATIONS, INSTRUCTIONS } from './instructions.ts';
import { MOST_BYTES } from './picture.ts';

/** What a module answers to a command. */
export interface Answer {
  readonly confirmation: number;
  readonly payload: Uint8Array;
}

/** How a picture's way to the host ended, where the module was there until its end. */
export type Upload =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array; /** An end packet closed it. */ readonly ended: boolean }
  /** Something was lost or wrong on the way; the module still holds the picture. */
  | { readonly kind: 'damaged' };

/** The longest a module takes over a command; taking a picture is the slowest. */
export const ANSWER_MS = 1_000;

/** The longest pause between two packets of a picture. */
const PACKET_MS = 500;

/** How long the end packet may come behind a picture that is complete: some modules never send it. */
const END_MS = 120;

/** Within a frame bytes come without pauses; USB adapters hold them back for 16 ms. */
const GAP_MS = 60;

/**
 * After what went wrong, the line is quiet again when nothing came for so long and for the time of so many bytes. An aborted
 * picture ends within ten seconds.
 */
const QUIET_MS = 40;
const QUIET_BITS = 1_000;
const LONGEST_UNREST_MS = 10_000;

/** The confirmation's frame. */
const ACKNOWLEDGEMENT_LENGTH = OVERHEAD + 1;

/**
 * Commands and answers, one after the other, over a line that may lose, damage and delay them. An answer does not say what
 * it answers: it is taken only from a line that was quiet before its command, and after all that are still owed, so that what
 * comes late is never taken for the answer to something else.
 */
export class Conversation {
  readonly #binding: Binding;
  readonly #clock: Clock;
  readonly #framer = new Framer();
  #inbox: Received[] = [];
  #baud: number;
  #listening = false;
  readonly #waiting = new Set<() => void>();
  #bytes = 0;
  #restarts = 0;
  /** Whether something may still be coming that belongs to an earlier command. */
  #unrest = true;
  /** Commands that no answer has come to yet. At the beginning nobody knows how many whoever talked before has left. */
  #owed = Infinity;
  #queue: Promise<unknown> = Promise.resolve();

  /** @param baud the rate at which the binding was opened */
  constructor(binding: Binding, baud: number, clock: Clock) {
    this.#binding = binding;
    this.#baud = baud;
    this.#clock = clock;
    binding.onData = (bytes) => {
      this.#receive(bytes);
    };
  }

  /** How often the module has told that it just started: what it held before is gone. */
  get restarts(): number {
    return this.#restarts;
  }

  /**
   * @throws SensorError `sensor.no-answer` within `patienceMs`; `sensor.disconnected`
   */
  command(
    instruction: number,
    payload: readonly number[],
    signal: AbortSignal,
    patienceMs = ANSWER_MS,
  ): Promise<Answer> {
    return this.#inTurn(signal, async () => {
      await this.#send(instruction, payload, signal);
      let deadline = this.#clock.monotonic() + patienceMs;
      let answer: Answer | undefined;
      // One that is owed since long ago was lost, or comes before this command's: so the last one counts.
      while (answer === undefined || this.#owed > 0) {
        const received = await this.#next(deadline, signal);
        if (received === undefined) break;
        if (received.kind === 'damaged') {
          // Probably an answer: no need to wait much longer.
          deadline = Math.min(deadline, this.#clock.monotonic() + 2 * GAP_MS);
          answer = undefined;
        } else if (received.kind === 'frame' && received.frame.kind === FRAME_KINDS.acknowledgement) {
          const [confirmation, ...rest] = received.frame.payload;
          if (received.frame.payload.length === 0) continue;
          this.#settle([received]);
          answer = { confirmation, payload: Uint8Array.from(rest) };
          if (this.#owed > 0) deadline = this.#clock.monotonic() + patienceMs;
        }
      }
      if (answer === undefined)
        throw new SensorError('sensor.no-answer', 'the sensor does not answer: check power, wiring and baud rate');
      this.#owed = 0;
      this.#unrest = false;
      return answer;
    });
  }

  /**
   * Asks for the picture in the module's buffer.
   *
   * @param expected its bytes, where known
   * @throws SensorError `sensor.interrupted` where the module may have been restarted meanwhile, after which its buffer is
   *   nobody's picture; `sensor.no-answer`; `sensor.disconnected`
   */
  upload(expected: number | undefined, signal: AbortSignal, onProgress: (done: number) => void): Promise<Upload> {
    return this.#inTurn(signal, async () => {
      await this.#send(INSTRUCTIONS.upImage, [], signal);
      const bytes = new Uint8Array(expected ?? MOST_BYTES);
      let done = 0;
      let packetSize = 1;
      let flawed = false;
      let ended = false;
      let deadline = this.#clock.monotonic() + ANSWER_MS;
      while (!ended) {
        const received = await this.#next(deadline, signal);
        if (received === undefined) break;
        if (received.kind === 'ready') throw interrupted();
        if (received.kind === 'damaged') flawed = true;
        else {
          const { kind, payload } = received.frame;
          if (kind === FRAME_KINDS.acknowledgement) {
            this.#settle([received]);
            const refusal = refusalOf(payload[0]);
            if (refusal === 'restarted') throw interrupted();
            if (refusal === 'failed') return { kind: 'damaged' };
          } else {
            if (done + payload.length > bytes.length) return { kind: 'damaged' };
            bytes.set(payload, done);
            done += payload.length;
            packetSize = Math.max(packetSize, payload.length);
            ended = kind === FRAME_KINDS.lastData;
            onProgress(done);
          }
        }
        deadline = this.#clock.monotonic() + (done === expected && !flawed ? END_MS : PACKET_MS);
      }
      const complete = !flawed && (expected === undefined ? ended : done === expected);
      if (complete) {
        this.#unrest = !ended;
        return { kind: 'whole', bytes: bytes.subarray(0, done), ended };
      }
      if (done === 0 && this.#bytes === 0)
        throw new SensorError('sensor.no-answer', 'the sensor does not answer: check power and wiring');
      // Every byte came, some of them wrong: the module was there until the end.
      const sentAll = expected !== undefined && this.#bytes === wireLength(expected, packetSize);
      if (!ended && !sentAll) throw interrupted();
      return { kind: 'damaged' };
    });
  }

  /** For an answer that cannot be one to its command: the next one is taken only when no other follows it. */
  doubt(): void {
    this.#owed = Infinity;
  }

  /** Changes the line's rate; the module's is changed by a command. */
  setBaud(baud: number): Promise<void> {
    this.#unrest = true;
    this.#baud = baud;
    return this.#binding.setBaud(baud);
  }

  /** Waits without talking; ends when the line is gone. */
  async pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    await this.#wait(milliseconds, signal, false);
  }

  /** One after the other: the line is half duplex. */
  #inTurn<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(async () => {
      signal.throwIfAborted();
      this.#listening = true;
      try {
        if (this.#unrest) await this.#calm(signal);
        this.#unrest = true;
        return await act();
      } finally {
        this.#listening = false;
        this.#drop();
      }
    });
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #send(instruction: number, payload: readonly number[], signal: AbortSignal): Promise<void> {
    this.#drop();
    this.#bytes = 0;
    signal.throwIfAborted();
    this.#owed++;
    await this.#binding.write(
      encodeFrame({
        address: DEFAULT_ADDRESS,
        kind: FRAME_KINDS.command,
        payload: Uint8Array.of(instruction, ...payload),
      }),
    );
  }

  /** Lets whatever still comes pass by. */
  async #calm(signal: AbortSignal): Promise<void> {
    const latest = this.#clock.monotonic() + LONGEST_UNREST_MS;
    const quiet = QUIET_MS + (QUIET_BITS * 1_000) / this.#baud;
    while (this.#clock.monotonic() < latest && (await this.#arrival(quiet, signal))) this.#drop();
    this.#framer.reset();
    this.#drop();
  }

  /** Passes over what nobody waits for. */
  #drop(): void {
    this.#settle(this.#inbox);
    this.#inbox = [];
  }

  #settle(received: readonly Received[]): void {
    for (const one of received)
      if (one.kind === 'frame' && one.frame.kind === FRAME_KINDS.acknowledgement && this.#owed > 0) this.#owed--;
  }

  async #next(deadline: number, signal: AbortSignal): Promise<Received | undefined> {
    for (;;) {
      const received = this.#inbox.shift();
      if (received !== undefined) return received;
      const left = deadline - this.#clock.monotonic();
      if (left <= 0) return undefined;
      const gap = this.#framer.pending > 0 ? Math.min(GAP_MS, left) : left;
      if (await this.#arrival(gap, signal)) continue;
      this.#inbox.push(...this.#framer.lookBehind());
      if (this.#inbox.length === 0 && gap < left) await this.#arrival(left - gap, signal);
    }
  }

  #receive(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    const found = this.#framer.push(bytes);
    if (found.some(({ kind }) => kind === 'ready')) this.#restarts++;
    if (this.#listening) this.#inbox.push(...found);
    else {
      this.#settle(found);
      this.#unrest = true;
    }
    for (const wake of this.#waiting) wake();
  }

  /** Whether bytes came within that time. */
  #arrival(milliseconds: number, signal: AbortSignal): Promise<boolean> {
    return this.#wait(milliseconds, signal, true);
  }

  #wait(milliseconds: number, signal: AbortSignal, forBytes: boolean): Promise<boolean> {
    const { gone } = this.#binding;
    return new Promise((resolve, reject) => {
      const timer = new AbortController();
      const finish = (): void => {
        this.#waiting.delete(wake);
        for (const source of [signal, gone]) source.removeEventListener('abort', fail);
        timer.abort();
      };
      const wake = (): void => {
        finish();
        resolve(true);
      };
      const fail = (): void => {
        finish();
        const reason: unknown = signal.aborted ? signal.reason : gone.reason;
        reject(reason instanceof Error ? reason : new Error('aborted', { cause: reason }));
      };
      if (signal.aborted || gone.aborted) {
        fail();
        return;
      }
      if (forBytes) this.#waiting.add(wake);
      for (const source of [signal, gone]) source.addEventListener('abort', fail);
      this.#clock.sleep(milliseconds, timer.signal).then(
        () => {
          finish();
          resolve(false);
        },
        () => undefined,
      );
    });
  }
}

/** Bytes that a picture takes on the wire, its acknowledgement included, when none is lost. */
function wireLength(expected: number, packetSize: number): number {
  return ACKNOWLEDGEMENT_LENGTH + expected + Math.ceil(expected / packetSize) * OVERHEAD;
}

function refusalOf(confirmation: number | undefined): 'restarted' | 'failed' | undefined {
  if (confirmation === CONFIRMATIONS.ok) return undefined;
  const emptied = confirmation === CONFIRMATIONS.noImage || confirmation === CONFIRMATIONS.mustVerify;
  return emptied ? 'restarted' : 'failed';
}

function interrupted(): SensorError {
  return new SensorError(
    'sensor.interrupted',
    'the sensor broke off in the middle of a picture, as after a loss of power: check its supply',
  );
}
