import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Door, DoorStatus } from './door/door.ts';
import { removeFile, replaceFile } from './durable-file.ts';
import { WhorlError } from './errors.ts';
import type { Report } from './events/event.ts';

/** A file in the state directory that is there as long as the lockdown. */
const LOCKDOWN_FILE = 'lockdown';

/** What an operator may ask, over the control socket. */
const requestSchema = z.discriminatedUnion('command', [
  z.strictObject({ command: z.literal('door.status') }),
  z.strictObject({
    command: z.literal('door.open'),
    operator: z.string().min(1),
    /** Until locked again, instead of a pulse. */
    hold: z.boolean().exactOptional(),
    /** Of the pulse, milliseconds. */
    ms: z.number().exactOptional(),
  }),
  z.strictObject({ command: z.literal('door.lock'), operator: z.string().min(1) }),
  z.strictObject({
    command: z.literal('door.lockdown'),
    operator: z.string().min(1),
    end: z.boolean().exactOptional(),
  }),
  z.strictObject({ command: z.literal('door.test'), operator: z.string().min(1) }),
]);
export type DoorRequest = z.infer<typeof requestSchema>;

export interface DoorDeskParts {
  readonly door: Door;
  /** Of a pulse that an operator asks for without saying how long. */
  readonly pulseMs: number;
  readonly commit: (report: Report) => void;
  readonly state: string;
}

/**
 * Where operators' orders to the door arrive. Each is an event, with the operator's name, before the door moves. A
 * lockdown outlives the terminal; what lets people in does not.
 */
export class DoorDesk {
  readonly #parts: DoorDeskParts;
  readonly #path: string;

  constructor(parts: DoorDeskParts) {
    this.#parts = parts;
    this.#path = join(parts.state, LOCKDOWN_FILE);
    if (existsSync(this.#path)) parts.door.command('lockdown');
  }

  /** @throws DoorError, EventsError, WhorlError `control.bad-request` */
  async answer(request: unknown): Promise<DoorStatus> {
    const parsed = requestSchema.safeParse(request);
    if (!parsed.success) throw new WhorlError('control.bad-request', z.prettifyError(parsed.error));
    await this.#obey(parsed.data);
    return this.#parts.door.status;
  }

  async #obey(request: DoorRequest): Promise<void> {
    const { door, pulseMs, commit } = this.#parts;
    if (request.command === 'door.status') return;
    commit({ type: 'whorl.door.commanded', data: { operator: request.operator, command: inWords(request) } });
    switch (request.command) {
      case 'door.open':
        if (request.hold === true) door.command('unlocked');
        else await door.unlock(request.ms ?? pulseMs, 'operator');
        break;
      case 'door.lock':
        door.command('secured');
        break;
      case 'door.lockdown':
        // On disk before it begins, and off it after it has ended: in between it is rather locked down.
        if (request.end !== true) replaceFile(this.#path, '');
        door.command(request.end === true ? 'lockdown-end' : 'lockdown');
        if (request.end === true) removeFile(this.#path);
        break;
      case 'door.test':
        door.signal('test');
        break;
    }
  }
}

function inWords(request: Exclude<DoorRequest, { command: 'door.status' }>): string {
  switch (request.command) {
    case 'door.open':
      return request.hold === true ? 'open --hold' : 'open';
    case 'door.lockdown':
      return request.end === true ? 'lockdown --end' : 'lockdown';
    case 'door.lock':
    case 'door.test':
      return request.command.slice('door.'.length);
  }
}
