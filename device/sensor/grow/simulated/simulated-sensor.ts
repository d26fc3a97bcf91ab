import { sensorModel } from '../../../../models/synthesis/sensors.ts';
import { systemClock } from '../../../clock.ts';
import { SensorError } from '../../errors.ts';
import { SIMULATED_MODELS } from './module-models.ts';
import { PseudoTerminal } from './pseudo-terminal.ts';
import { SimulatedModule } from './simulated-module.ts';
import { SimulatedPeople, type SimulatedTouch } from './simulated-people.ts';

export interface SimulatedSensorOptions {
  readonly model: string;
  readonly seed: number;
  /** Where a link to its port is wanted, the same after every unplugging. */
  readonly link?: string;
  readonly password?: number;
  readonly serial?: string;
  readonly onTouch: (touch: SimulatedTouch) => void;
}

/** A whole sensor for people without hardware: a module, a port to reach it by, and people who touch it. */
export class SimulatedSensor {
  readonly people: SimulatedPeople;
  readonly #module: SimulatedModule;
  readonly #link: string | undefined;
  #port: PseudoTerminal | undefined;

  /** @throws SensorError `sensor.unknown-kind` */
  constructor({ model: name, seed, link, password, serial, onTouch }: SimulatedSensorOptions) {
    if (!Object.hasOwn(SIMULATED_MODELS, name))
      throw new SensorError(
        'sensor.unknown-kind',
        `"${name}" is no module that can be simulated; known ones: ${Object.keys(SIMULATED_MODELS).join(', ')}`,
      );
    const model = SIMULATED_MODELS[name];
    this.#link = link;
    this.people = new SimulatedPeople({
      ...{ seed, model: sensorModel(model.look), clock: systemClock, onTouch },
      activity: () => this.#module.activity,
    });
    this.#module = new SimulatedModule({
      ...{ model, clock: systemClock, finger: this.people.finger },
      ...(password !== undefined && { password }),
      ...(serial !== undefined && { serial }),
      send: (bytes, baud) => this.#port?.send(bytes, baud),
    });
  }

  /** Where it is to be found while it is plugged in. */
  get path(): string | undefined {
    return this.#port && (this.#link ?? this.#port.path);
  }

  /** @throws SensorError `sensor.no-pseudo-terminal` */
  async plug(): Promise<void> {
    if (this.#port !== undefined) return;
    this.#port = await PseudoTerminal.open(this.#link, (bytes, baud) => {
      this.#module.receive(bytes, baud);
    });
    this.#module.powerOn();
  }

  async unplug(): Promise<void> {
    const port = this.#port;
    this.#port = undefined;
    this.#module.powerOff();
    await port?.close();
  }

  /** A dip of its supply: it starts anew, its port stays. */
  restart(): void {
    this.#module.powerOn();
  }
}
