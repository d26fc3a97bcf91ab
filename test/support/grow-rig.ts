import { GrowLink } from '../../device/sensor/grow/link.ts';
import { parseTarget } from '../../device/sensor/grow/target.ts';
import { SIMULATED_MODELS, type SimulatedModel } from '../../device/sensor/grow/simulated/module-models.ts';
import { SimulatedModule, type SimulatedModuleOptions } from '../../device/sensor/grow/simulated/simulated-module.ts';
import { packPixels, unpackPixels } from '../../device/sensor/grow/picture.ts';
import { sensorModel } from '../../models/synthesis/sensors.ts';
import { Random } from '../../models/synthesis/random.ts';
import { GrowLine } from './grow-line.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A module on a line within this process, a driver at the other end, time that only passes when nothing is left to do. */
export class GrowRig {
  readonly clock = new VirtualClock();
  readonly line = new GrowLine();
  readonly model: SimulatedModel;
  readonly module: SimulatedModule;
  readonly link: GrowLink;
  /** What lies on the sensor. */
  finger: Uint8Array | undefined;

  constructor(
    model: string | SimulatedModel,
    options: Partial<SimulatedModuleOptions> & { readonly target?: string } = {},
  ) {
    this.model = typeof model === 'string' ? SIMULATED_MODELS[model] : model;
    this.module = this.make(options);
    this.link = new GrowLink({
      target: parseTarget(`/dev/ttyTEST${options.target ?? ''}`),
      clock: this.clock,
      open: this.line.open,
    });
  }

  /** Another module of the model, for the same line. */
  make(options: Partial<SimulatedModuleOptions> = {}): SimulatedModule {
    return new SimulatedModule({
      model: this.model,
      clock: this.clock,
      finger: () => this.finger,
      send: this.line.send,
      ...options,
    });
  }

  /** A picture that no other touch gives. */
  draw(seed: number): Uint8Array {
    const { width, height } = this.model.product ?? sensorModel(this.model.look);
    const random = new Random(seed);
    return Uint8Array.from({ length: width * height }, () => random.below(256));
  }
}

/** What of a picture is left behind a serial line: the upper four bits of each pixel. */
export function overTheWire(pixels: Uint8Array): Uint8Array {
  return unpackPixels(packPixels(pixels), false);
}
