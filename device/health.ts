import packageJson from '../package.json' with { type: 'json' };
import { readdirSync, readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { ClockTrust } from './clock-trust.ts';
import type { Clock } from './clock.ts';
import type { Door, DoorStatus } from './door/door.ts';
import { EventsError } from './events/errors.ts';
import type { EventLink, Protocol } from './events/link.ts';
import type { Outbox } from './events/outbox.ts';
import type { Gallery } from './gallery/gallery.ts';
import type { Inference, InferenceStatus } from './inference/inference.ts';
import type { Sensor } from './sensor/sensor.ts';

/** How soon a change is told, and how often everything is told where nothing changed. */
const LOOK_MS = 1_000;
const REPEAT_MS = 60_000;

const THERMAL = '/sys/class/thermal';

/** What a terminal runs with and how it is: the retained message on its health topic. */
export interface Health {
  readonly versions: { readonly whorl: string; readonly node: string };
  /** Models by their role: what computes each and its hash, or why it is not used. */
  readonly models: Pick<InferenceStatus, 'state' | 'models' | 'restarts' | 'trouble'>;
  readonly sensor: {
    readonly model: string;
    readonly serial?: string;
    readonly link: string;
    readonly trouble?: string;
  };
  readonly door: DoorStatus;
  readonly clock: { readonly trusted: boolean; readonly doubt?: string };
  /** Version of the rules in force; 0 where none were imported. */
  readonly rules: number;
  readonly broker: { readonly protocol: Protocol };
  /** What does not count as a change. */
  readonly figures: HealthFigures;
}

export interface HealthFigures {
  readonly time: string;
  /** Sequence numbers: the oldest kept event, the newest, and how far they were acknowledged. */
  readonly outbox: {
    readonly journal: string;
    readonly first: number;
    readonly last: number;
    readonly acknowledged: number;
    readonly waiting: number;
  };
  /** Of the hottest zone that the board has a sensor for, degrees Celsius. */
  readonly temperature?: number;
  readonly diskFreeBytes: number;
  readonly uptimeSeconds: number;
}

export interface HealthOptions {
  readonly link: EventLink;
  readonly topic: string;
  readonly outbox: Outbox;
  readonly state: string;
  readonly inference: Inference;
  readonly sensor: Sensor;
  /** Code of what is wrong with the sensor, if anything is. */
  readonly sensorTrouble: () => string | undefined;
  readonly door: Door;
  readonly trust: ClockTrust;
  readonly gallery: Gallery;
  readonly clock: Clock;
}

/** Tells the terminal's health: at the birth of each connection, at every change and each minute. @returns what ends it */
export function tellHealth(options: HealthOptions): () => void {
  const { link, topic, clock } = options;
  const stop = new AbortController();
  const tell = async (): Promise<void> => {
    let told = '';
    let due = 0;
    while (!stop.signal.aborted) {
      const { protocol } = link;
      // Whoever reads it after a birth must not take the health of the session before for that of this one.
      if (protocol === undefined) told = '';
      else {
        const lasting = gatherLasting(options, protocol);
        const text = JSON.stringify(lasting);
        if (text !== told || clock.monotonic() >= due) {
          const health: Health = { ...lasting, figures: gatherFigures(options) };
          try {
            await link.publish(topic, JSON.stringify(health), { qos: 1, retain: true });
            told = text;
            due = clock.monotonic() + REPEAT_MS;
          } catch (error) {
            // The link says itself what is wrong with the broker; it is told at the next one.
            if (!(error instanceof EventsError)) throw error;
          }
        }
      }
      await clock.sleep(LOOK_MS, stop.signal).catch(() => undefined);
    }
  };
  void tell();
  return () => {
    stop.abort();
  };
}

function gatherLasting(
  { inference, sensor, sensorTrouble, door, trust, gallery }: HealthOptions,
  protocol: Protocol,
): Omit<Health, 'figures'> {
  const { state, models, restarts, trouble } = inference.status();
  const { model, serial, link } = sensor.describe();
  const wrong = sensorTrouble();
  const { doubt } = trust;
  return {
    versions: { whorl: packageJson.version, node: process.version },
    models: { state, models, restarts, ...(trouble && { trouble }) },
    sensor: { model, link, ...(serial !== undefined && { serial }), ...(wrong !== undefined && { trouble: wrong }) },
    door: door.status,
    clock: { trusted: doubt === undefined, ...(doubt !== undefined && { doubt }) },
    rules: gallery.rulesVersion,
    broker: { protocol },
  };
}

function gatherFigures({ outbox, state, clock }: HealthOptions): HealthFigures {
  const { journal, first, last, acknowledged, waiting } = outbox;
  const temperature = hottest();
  const { bavail, bsize } = statfsSync(state);
  return {
    time: new Date(clock.now()).toISOString(),
    outbox: { journal, first, last, acknowledged, waiting },
    ...(temperature !== undefined && { temperature }),
    diskFreeBytes: bavail * bsize,
    uptimeSeconds: Math.round(process.uptime()),
  };
}

/** Boards have zones for CPU, GPU and more; some do not answer while their part sleeps. */
function hottest(): number | undefined {
  const read = (zone: string): number[] => {
    try {
      const millidegrees = Number(readFileSync(join(THERMAL, zone, 'temp'), 'utf8'));
      return Number.isFinite(millidegrees) ? [millidegrees / 1_000] : [];
    } catch {
      return [];
    }
  };
  try {
    const zones = readdirSync(THERMAL).filter((name) => name.startsWith('thermal_zone'));
    const temperatures = zones.flatMap(read);
    return temperatures.length === 0 ? undefined : Math.max(...temperatures);
  } catch {
    return undefined;
  }
}
