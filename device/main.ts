import { join } from 'node:path';
import { systemClock } from './clock.ts';
import type { Config } from './config/schema.ts';
import type { DoorChange } from './door/door.ts';
import { SimulatedDoor } from './door/simulated-door.ts';
import { WhorlError } from './errors.ts';
import { openBroker } from './events/broker.ts';
import { checkBrokerUrl, EventLink, type LinkChange } from './events/link.ts';
import { Outbox, OUTBOX_FILE } from './events/outbox.ts';
import type { Report } from './events/event.ts';
import { claim } from './exclusive.ts';
import type { Gallery } from './gallery/gallery.ts';
import { openGalleryIn } from './gallery/open-in-directory.ts';
import type { TouchTemplate } from './gallery/template-codec.ts';
import { DEFAULT_BUDGET } from './matching/decision/budget.ts';
import { MinutiaeRecognizer } from './recognizer.ts';
import { readScoreCalibration } from './score-calibration.ts';
import { openSensor } from './sensor/open-sensor.ts';
import type { Rehearsal } from './sensor/rehearsal.ts';
import { Terminal } from './terminal.ts';

/** A terminal with all its parts, open. */
export interface Station {
  readonly gallery: Gallery;
  readonly recognizer: MinutiaeRecognizer;
  readonly rehearsal: Rehearsal;
  readonly outbox: Outbox;
  readonly link: EventLink;
  /** Where events go. */
  readonly brokerUrl: string;
  readonly terminal: Terminal<TouchTemplate>;
  readonly commit: (report: Report) => void;
  /** Locks the door; nothing moves it any more. */
  lock(): Promise<void>;
  /** Closes every part, the last opened first. What was not delivered waits on disk. */
  close(): Promise<void>;
}

export interface StationOptions {
  readonly config: Config;
  /** Decides everything that a sensor without hardware leaves to chance. */
  readonly seed: number;
  readonly onLink: (change: LinkChange) => void;
  /** Told of what went wrong beside the touches, where nobody waits for an answer. */
  readonly onTrouble: (error: WhorlError) => void;
}

/** Makes a terminal's parts out of its configuration and joins them. What was opened is closed again on failure. */
export async function openStation({ config, seed, onLink, onTrouble }: StationOptions): Promise<Station> {
  const closers: (() => void | Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer();
  };
  try {
    const clock = systemClock;
    const { device, broker } = config;
    if (broker.url !== undefined) checkBrokerUrl(broker.url);
    const rehearsal = await openSensor(config.sensor, seed);
    closers.push(() => rehearsal.sensor.close());

    const gallery = openGalleryIn(config.state);
    closers.push(() => {
      gallery.close();
    });
    closers.push(
      claim(
        join(config.state, 'terminal.lock'),
        'terminal.already-running',
        `a terminal is running on ${config.state} already; stop it, or give this one a --state of its own`,
      ),
    );
    const outbox = new Outbox({
      path: join(config.state, OUTBOX_FILE),
      device,
      capacity: config.events.capacity,
      clock,
    });
    closers.push(() => {
      outbox.close();
    });
    const embed = async (): Promise<string> => {
      const embedded = await openBroker(broker.port);
      closers.push(() => embedded.close());
      return embedded.url;
    };
    const brokerUrl = broker.url ?? (await embed());
    const link = new EventLink({ url: brokerUrl, device, outbox, clock, onChange: onLink });
    closers.push(() => link.close());

    const commit = (report: Report): void => {
      outbox.append(report);
    };
    const door = new SimulatedDoor(clock, (change) => {
      try {
        commit(describe(change));
      } catch (cause) {
        // The door has moved already; refusing to say so would not hold it back.
        onTrouble(cause instanceof WhorlError ? cause : new WhorlError('door.unreported', String(cause), { cause }));
      }
    });
    const lock = (): Promise<void> => door.close();
    closers.push(lock);

    const recognizer = new MinutiaeRecognizer({
      gallery,
      calibration: await readScoreCalibration(),
      budget: { ...DEFAULT_BUDGET, ...config.falseAccept },
    });
    const terminal = new Terminal({
      sensor: rehearsal.sensor,
      recognizer,
      door,
      commit,
      clock,
      pulseMs: config.door.unlockMs,
      names: config.events.names,
    });
    return { gallery, recognizer, rehearsal, outbox, link, brokerUrl, terminal, commit, lock, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function describe(change: DoorChange): Report {
  return change.kind === 'unlocked'
    ? { type: 'whorl.door.unlocked', data: { pulseMs: change.pulseMs } }
    : { type: 'whorl.door.locked', data: {} };
}
