import type { Door, DoorStatus, OperatorWish } from '../../device/door/door.ts';
import type { ScheduledMode } from '../../device/door/door-state.ts';
import type { Signal } from '../../device/door/signals.ts';
import type { GrayImage } from '../../device/imaging/gray-image.ts';
import type { Capture, Lamp, Sensor, SensorDescription } from '../../device/sensor/sensor.ts';
import type { Access } from '../../device/doorkeeper.ts';
import type { Recognition, Recognizer, Retry } from '../../device/terminal.ts';

/** What a scripted sensor does at one capture: gives it, throws, or waits for a finger that never comes. */
export type Act = Capture | Error | 'wait' | undefined;

/** A sensor that does what the script says; `undefined` (and the script's end) is the end of all touches. */
export class ScriptedSensor implements Sensor {
  readonly lamps: Lamp[] = [];
  readonly #script: Act[];

  constructor(script: readonly Act[]) {
    this.#script = [...script];
  }

  describe(): SensorDescription {
    return { model: 'scripted', serial: '1', link: 'script:1' };
  }

  waitForFinger(signal: AbortSignal): Promise<'finger' | 'ended'> {
    const [act] = this.#script;
    if (act !== 'wait') return Promise.resolve(act === undefined ? 'ended' : 'finger');
    this.#script.shift();
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        reject(new Error('aborted'));
      });
    });
  }

  capture(): Promise<Capture> {
    const act = this.#script.shift();
    if (act instanceof Error) return Promise.reject(act);
    return Promise.resolve(act === undefined || act === 'wait' ? { kind: 'retry', reason: 'no-finger' } : act);
  }

  waitForLift(): Promise<void> {
    return Promise.resolve();
  }

  showLamp(lamp: Lamp): Promise<void> {
    this.lamps.push(lamp);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The person behind a picture is its first pixel; 0 is a stranger, 255 cannot be read. */
export class PixelRecognizer implements Recognizer<number> {
  features(image: GrayImage): { readonly kind: 'features'; readonly features: number } | Retry {
    const [features] = image.pixels;
    return features === 255 ? { kind: 'retry', reason: 'press-harder' } : { kind: 'features', features };
  }

  decide(features: number): Recognition {
    const figures = { llr: features, threshold: 1, quality: 50 };
    return features === 0
      ? { kind: 'denied', reason: 'not-recognised', figures }
      : { kind: 'recognised', person: { id: `p${features}`, name: 'Ada' }, finger: 'left-index', figures };
  }
}

/** Rules that let everybody pass. */
export const letAllPass: Access = {
  judge: (person) => {
    const state = { passages: {}, leaders: {} };
    return { person, verdict: { kind: 'pass', passback: false, state }, rules: 0, alarms: [], before: state };
  },
  remember: () => undefined,
  settle: () => undefined,
  takeBack: () => undefined,
};

export function touchOf(person: number): Capture {
  return { kind: 'image', image: { width: 1, height: 1, dpi: 500, pixels: Uint8Array.of(person) } };
}

/** A door that notes what it was told, and fails when told so. */
export class NotingDoor implements Door {
  readonly unlocks: number[] = [];
  readonly signals: Signal[] = [];
  readonly wishes: (OperatorWish | ScheduledMode)[] = [];
  readonly status: DoorStatus = {
    ...{ board: 'ready', phase: 'closed', mode: 'normal' },
    ...{ unlocked: false, tamper: false, fire: false },
  };
  failure: Error | undefined;

  unlock(pulseMs: number): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    this.unlocks.push(pulseMs);
    return Promise.resolve();
  }

  follow(schedule: ScheduledMode): void {
    this.wishes.push(schedule);
  }

  command(wish: OperatorWish): void {
    this.wishes.push(wish);
  }

  signal(signal: Signal): void {
    this.signals.push(signal);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
