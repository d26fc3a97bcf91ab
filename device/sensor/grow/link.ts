import { readFile } from 'node:fs/promises';
import type { Clock } from '../../clock.ts';
import { SensorError } from '../errors.ts';
import type { SensorConnection, SensorDescription, SensorLink, SensorListener } from '../sensor.ts';
import type { OpenBinding } from './binding.ts';
import { GrowConnection, type Module } from './connection.ts';
import { type Answer, ANSWER_MS, Conversation } from './conversation.ts';
import {
  BAUD_MULTIPLES,
  BAUD_STEP,
  CONFIRMATIONS,
  confirmationInWords,
  INSTRUCTIONS,
  NOTEPAD_PAGE_LENGTH,
  PACKET_SIZES,
  REGISTERS,
} from './instructions.ts';
import { MARK_PAGE, readMark } from './mark.ts';
import { factsOf, UNKNOWN_MODEL } from './models.ts';
import { decodeParameters, decodeProductInfo, type ModuleParameters, type ProductInfo } from './module-info.ts';
import type { GrowTarget } from './target.ts';

/** As modules leave the factory, and what every adapter and a metre of cable bear. */
const FACTORY_BAUD = 57_600;
const BEST_BAUD = 115_200;

/** Where to look for a module that does not answer at the rate it had: the usual ones first. */
const BAUDS: readonly number[] = [
  ...new Set([FACTORY_BAUD, BEST_BAUD, 9_600, 19_200, 38_400, ...BAUD_MULTIPLES.map((times) => times * BAUD_STEP)]),
];

/** A module that hears its password answers within a few milliseconds. */
const PROBE_MS = 200;

/** After power-on a module is deaf for half a second: so often is it called at the rate that is likeliest. */
const PATIENT_PROBES = 3;

/**
 * For what a module may not know, and then says nothing to. What tells one module from another is asked for so often: an
 * answer that is lost must not make a stranger of it.
 */
const OPTIONAL_MS = 300;
const MOST_QUESTIONS = 3;

/** A module needs a moment to change its rate. */
const SWITCH_MS = 50;

const PASSWORD_LENGTH = 4;

export interface GrowLinkOptions {
  readonly target: GrowTarget;
  readonly clock: Clock;
  readonly open: OpenBinding;
}

/** A serial port where a module of the GROW family may be plugged in. */
export class GrowLink implements SensorLink {
  readonly description: SensorDescription;
  readonly #options: GrowLinkOptions;
  /** Where the module was last heard. */
  #usual = FACTORY_BAUD;
  /** The best rate at which pictures arrive whole. */
  #ceiling: number;

  constructor(options: GrowLinkOptions) {
    this.#options = options;
    const { path, model, size, dpi } = options.target;
    this.description = {
      ...{ model: model ?? 'GROW module', link: `grow:${path}` },
      ...(size && { geometry: size }),
      ...(dpi !== undefined && { dpi }),
    };
    this.#ceiling = options.target.baud ?? BEST_BAUD;
  }

  async connect(signal: AbortSignal, onEvent: SensorListener): Promise<SensorConnection> {
    signal.throwIfAborted();
    const { target, clock, open } = this.#options;
    const password = await readPassword(target.passwordFile);
    const binding = await open(target.path, this.#usual);
    try {
      const conversation = new Conversation(binding, this.#usual, clock);
      const heard = await this.#findBaud(conversation, password, signal);
      const module = await this.#askAround(conversation, password, signal);
      await choosePacketSize(conversation, module.parameters, signal);
      const baud = await this.#chooseBaud(conversation, heard, module.parameters, password, signal);
      this.#usual = baud;
      return new GrowConnection({
        ...{ binding, conversation, target, clock, onEvent, baud, module },
        onDamage: () => {
          this.#ceiling = BAUDS.filter((rate) => rate < baud && rate <= FACTORY_BAUD).reduce(
            (best, rate) => Math.max(best, rate),
            BAUD_STEP,
          );
        },
      });
    } catch (cause) {
      await binding.close();
      throw cause;
    }
  }

  /** Calls the module by its password at one rate after the other. */
  async #findBaud(conversation: Conversation, password: readonly number[], signal: AbortSignal): Promise<number> {
    const usual = this.#usual;
    if (await isThere(conversation, password, PATIENT_PROBES, signal)) return usual;
    const others = BAUDS.filter((rate) => rate !== usual);
    // Now and then at the usual one again: it may only have been slow to start.
    const order = others.flatMap((rate, index) => (index % PATIENT_PROBES === 1 ? [rate, usual] : [rate]));
    for (const baud of order) {
      await conversation.setBaud(baud);
      if (await isThere(conversation, password, 1, signal)) return baud;
    }
    throw new SensorError(
      'sensor.no-answer',
      `${this.#options.target.path} is there, but no module answers at any baud rate: check power, and that TX and RX are crossed`,
    );
  }

  async #askAround(conversation: Conversation, password: readonly number[], signal: AbortSignal): Promise<Module> {
    const { target } = this.#options;
    const ask = async <T>(
      instruction: number,
      decode: (bytes: Uint8Array) => T | undefined,
      payload: readonly number[] = [],
    ): Promise<T | undefined> => {
      for (let questions = 1; ; questions++) {
        const answer = await optional(conversation, instruction, payload, signal);
        if (answer?.confirmation === CONFIRMATIONS.ok) {
          const told = decode(answer.payload);
          if (told !== undefined) return told;
          conversation.doubt();
        } else if (answer !== undefined && answer.confirmation !== CONFIRMATIONS.packetError) return undefined;
        if (questions === MOST_QUESTIONS) return undefined;
        // Before the last question it must be there, and not silent because it has just gone.
        const isLastNext = questions === MOST_QUESTIONS - 1;
        if (isLastNext && !(await isThere(conversation, password, PATIENT_PROBES, signal)))
          throw new SensorError('sensor.no-answer', 'the sensor stopped answering while it was asked what it is');
      }
    };
    const parameters = await ask(INSTRUCTIONS.readParameters, decodeParameters);
    const shaken = async (): Promise<boolean> =>
      (await ask(INSTRUCTIONS.handShake, ({ length }) => (length === 0 ? true : undefined))) ?? false;
    const modern = factsOf(target.model ?? '')?.modern ?? (await shaken());
    const product = modern ? await ask(INSTRUCTIONS.readProductInfo, decodeProductInfo) : undefined;
    const mark = (page: Uint8Array): { serial?: string } | undefined => {
      const read = readMark(page);
      if (page.length !== NOTEPAD_PAGE_LENGTH) return undefined;
      return read === undefined ? {} : { serial: read };
    };
    const serial = serialOf(product) ?? (await ask(INSTRUCTIONS.readNotepad, mark, [MARK_PAGE]))?.serial;
    const model = product?.model ?? target.model ?? `GROW module of ${parameters?.capacity ?? 'unknown'} templates`;
    const facts = factsOf(model) ?? UNKNOWN_MODEL;
    const geometry = target.size ?? (product && { width: product.width, height: product.height });
    return {
      ...{ model, modern, dpi: target.dpi ?? facts.dpi },
      ...(serial !== undefined && { serial }),
      ...(geometry && { geometry }),
      ...(parameters && { parameters }),
    };
  }

  /** Brings module and port to the best rate that the link bears. */
  async #chooseBaud(
    conversation: Conversation,
    heard: number,
    parameters: ModuleParameters | undefined,
    password: readonly number[],
    signal: AbortSignal,
  ): Promise<number> {
    const wanted = this.#ceiling;
    // A module that knows its new rate already but has the old one takes it at its next power-on.
    if (heard === wanted || parameters?.baudMultiple === wanted / BAUD_STEP) return heard;
    const answer = await optional(
      conversation,
      INSTRUCTIONS.setParameter,
      [REGISTERS.baud, wanted / BAUD_STEP],
      signal,
      ANSWER_MS,
    );
    if (answer !== undefined && answer.confirmation !== CONFIRMATIONS.ok) return heard;
    for (const baud of [wanted, heard]) {
      await conversation.setBaud(baud);
      await conversation.pause(SWITCH_MS, signal);
      if (await isThere(conversation, password, PATIENT_PROBES, signal)) return baud;
    }
    throw new SensorError('sensor.no-answer', 'the sensor was lost when its baud rate was changed');
  }
}

/** A serial number of blanks or zeros is none. */
function serialOf(product: ProductInfo | undefined): string | undefined {
  return product === undefined || /^0*$/.test(product.serial) ? undefined : product.serial;
}

async function readPassword(file: string | undefined): Promise<number[]> {
  if (file === undefined) return Array.from({ length: PASSWORD_LENGTH }, () => 0);
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new SensorError('sensor.bad-target', `the sensor's password cannot be read from ${file}`, { cause });
  }
  const number = Number(text);
  if (!/^(\d+|0x[0-9a-f]+)$/i.test(text) || number > 0xff_ff_ff_ff)
    throw new SensorError('sensor.bad-target', `${file} holds no password: it must be a number below 2^32`);
  const bytes = Buffer.alloc(PASSWORD_LENGTH);
  bytes.writeUInt32BE(number);
  return [...bytes];
}

async function isThere(
  conversation: Conversation,
  password: readonly number[],
  tries: number,
  signal: AbortSignal,
): Promise<boolean> {
  for (let count = 0; count < tries; count++) {
    const answer = await optional(conversation, INSTRUCTIONS.verifyPassword, password, signal, PROBE_MS);
    if (answer === undefined || answer.confirmation === CONFIRMATIONS.packetError) continue;
    if (answer.confirmation === CONFIRMATIONS.ok) return true;
    if (answer.confirmation === CONFIRMATIONS.wrongPassword)
      throw new SensorError(
        'sensor.wrong-password',
        'the sensor has another password: put it into a file and name that by password-file=',
      );
    throw new SensorError(
      'sensor.refused',
      `the sensor is there but cannot be used: ${confirmationInWords(answer.confirmation)}`,
    );
  }
  return false;
}

async function choosePacketSize(
  conversation: Conversation,
  parameters: ModuleParameters | undefined,
  signal: AbortSignal,
): Promise<void> {
  const best = PACKET_SIZES.length - 1;
  if (parameters?.packetSize === PACKET_SIZES[best]) return;
  // A module that refuses keeps what it has.
  await optional(conversation, INSTRUCTIONS.setParameter, [REGISTERS.packet, best], signal);
}

/** @returns undefined where no answer came */
async function optional(
  conversation: Conversation,
  instruction: number,
  payload: readonly number[],
  signal: AbortSignal,
  patienceMs = OPTIONAL_MS,
): Promise<Answer | undefined> {
  try {
    return await conversation.command(instruction, payload, signal, patienceMs);
  } catch (cause) {
    if (cause instanceof SensorError && cause.code === 'sensor.no-answer') return undefined;
    throw cause;
  }
}
