import { readFile } from 'node:fs/promises';
import { decodeImage } from '../../imaging/decode.ts';
import type { GrayImage } from '../../imaging/gray-image.ts';
import { SensorError } from '../errors.ts';
import type { Capture, Sensor, SensorDescription } from '../sensor.ts';
import type { Impression } from './impressions.ts';

/** A sensor whose touches are image files, one after the other in the given order. */
export class FolderSensor implements Sensor {
  readonly #folder: string;
  readonly #remaining: Impression[];
  #closed = false;

  constructor(folder: string, touches: readonly Impression[]) {
    this.#folder = folder;
    this.#remaining = [...touches];
  }

  describe(): SensorDescription {
    return { model: 'folder of images', serial: this.#folder, link: `folder:${this.#folder}` };
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a failure is a rejection
  async waitForFinger(signal: AbortSignal): Promise<'finger' | 'ended'> {
    this.#expectOpen(signal);
    return this.#remaining.length > 0 ? 'finger' : 'ended';
  }

  /** @throws SensorError `sensor.unreadable-image` for a broken file: the next capture reads the next one */
  async capture(signal: AbortSignal): Promise<Capture> {
    this.#expectOpen(signal);
    const touch = this.#remaining.shift();
    if (touch === undefined) return { kind: 'retry', reason: 'no-finger' };
    return { kind: 'image', image: await readImpression(touch), origin: touch.name };
  }

  waitForLift(): Promise<void> {
    return Promise.resolve();
  }

  showLamp(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  #expectOpen(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (this.#closed) throw new SensorError('sensor.closed', 'the sensor has been closed');
  }
}

/** @throws SensorError `sensor.unreadable-image` */
export async function readImpression(impression: Impression): Promise<GrayImage> {
  try {
    return await decodeImage(await readFile(impression.path));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SensorError('sensor.unreadable-image', `${impression.name}: ${reason}`, { cause });
  }
}
