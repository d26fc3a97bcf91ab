import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { makeDirectory, replaceFile } from '../durable-file.ts';
import { SensorError } from './errors.ts';
import type { SensorIdentity } from './sensor.ts';

/** Name of the file, in the state directory. */
export const PAIRING_FILE = 'sensor.json';

const identity = z.strictObject({ model: z.string().min(1), serial: z.string().min(1).exactOptional() });

const pairingSchema = z.strictObject({
  /** The sensor that this terminal uses; none before the first was seen. */
  paired: identity.exactOptional(),
  /** The one that was last found in its place and refused. */
  refused: identity.exactOptional(),
});

export type Pairing = z.output<typeof pairingSchema>;

/**
 * Which sensor belongs to this terminal, on disk: read anew at every connection, so that a technician's command reaches
 * a terminal that runs.
 */
export class PairingFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws SensorError `sensor.bad-pairing` for a file that is not what was written: it is never guessed */
  read(): Pairing {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return {};
      throw this.#unusable(cause);
    }
    try {
      return pairingSchema.parse(JSON.parse(text));
    } catch (cause) {
      throw this.#unusable(cause);
    }
  }

  /** From now on this sensor belongs to the terminal. */
  pair({ model, serial }: SensorIdentity): void {
    this.#write({ paired: { model, ...(serial !== undefined && { serial }) } });
  }

  /** Notes a sensor that is not the paired one, for a technician to accept. */
  refuse({ model, serial }: SensorIdentity): void {
    this.#write({ ...this.read(), refused: { model, ...(serial !== undefined && { serial }) } });
  }

  #write(pairing: Pairing): void {
    makeDirectory(dirname(this.#path));
    replaceFile(this.#path, `${JSON.stringify(pairing, undefined, 2)}\n`);
  }

  #unusable(cause: unknown): SensorError {
    return new SensorError(
      'sensor.bad-pairing',
      `${this.#path} does not tell which sensor belongs here: remove it after a look at the sensor, or run whorl sensor accept`,
      { cause },
    );
  }
}

/** Whether what was found is what was paired. */
export function isSame(paired: SensorIdentity, found: SensorIdentity): boolean {
  return paired.model === found.model && paired.serial === found.serial;
}

/** For people: `R503 12345678`. */
export function nameOfSensor({ model, serial }: SensorIdentity): string {
  return serial === undefined ? model : `${model} ${serial}`;
}
