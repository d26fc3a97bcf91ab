import { statSync } from 'node:fs';
import { applyProfile, type SensorProfile } from '../imaging/sensor-profile.ts';
import { profilePath, readProfile } from './profile-file.ts';
import type { Capture, Lamp, Sensor, SensorDescription } from './sensor.ts';

/**
 * A sensor whose captures are freed of its defects where it was calibrated. The profile is that of the very sensor which
 * is plugged in; one that a technician makes while the terminal runs counts from the next touch on.
 */
export class CalibratedSensor implements Sensor {
  readonly #sensor: Sensor;
  readonly #state: string;
  #read: { readonly path: string; readonly changed: number; readonly profile: SensorProfile | undefined } | undefined;

  /** @param state the directory with the profiles */
  constructor(sensor: Sensor, state: string) {
    this.#sensor = sensor;
    this.#state = state;
  }

  /** Size and resolution are those of corrected captures as soon as there was one. */
  describe(): SensorDescription {
    const described = this.#sensor.describe();
    const profile = this.#read?.path === profilePath(this.#state, described) ? this.#read.profile : undefined;
    if (profile === undefined) return described;
    const { width, height } = profile.usable;
    return { ...described, geometry: { width, height }, dpi: profile.dpi };
  }

  waitForFinger(signal: AbortSignal): Promise<'finger' | 'ended'> {
    return this.#sensor.waitForFinger(signal);
  }

  /**
   * @throws SensorError `sensor.bad-profile`, `sensor.other-profile`, beside what the sensor throws
   * @throws ImagingError `imaging.other-sensor` where the profile is for captures of another size
   */
  async capture(signal: AbortSignal): Promise<Capture> {
    const capture = await this.#sensor.capture(signal);
    if (capture.kind !== 'image') return capture;
    const profile = this.#profile();
    return profile === undefined ? capture : { ...capture, image: applyProfile(capture.image, profile) };
  }

  waitForLift(signal: AbortSignal): Promise<void> {
    return this.#sensor.waitForLift(signal);
  }

  showLamp(lamp: Lamp): Promise<void> {
    return this.#sensor.showLamp(lamp);
  }

  close(): Promise<void> {
    return this.#sensor.close();
  }

  #profile(): SensorProfile | undefined {
    const described = this.#sensor.describe();
    const path = profilePath(this.#state, described);
    const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (this.#read?.path !== path || this.#read.changed !== changed)
      this.#read = { path, changed, profile: readProfile(this.#state, described) };
    return this.#read.profile;
  }
}
