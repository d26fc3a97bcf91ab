import type { SensorName } from '../../../../models/synthesis/sensors.ts';
import type { ProductInfo } from '../module-info.ts';

/** What a simulated module is and is not able to do. */
export interface SimulatedModel {
  readonly name: string;
  /** What its pictures look like, and their size. */
  readonly look: SensorName;
  readonly capacity: number;
  readonly baud: number;
  /** A new rate holds at once, or from the next power-on. */
  readonly switchesBaud: 'at once' | 'at power-on';
  /** Deaf for so long after power-on. */
  readonly startMs: number;
  /** Says 0x55 when it has started; asks for its password before anything else. */
  readonly modern: boolean;
  readonly product?: ProductInfo;
  readonly hasParameters: boolean;
  readonly hasNotepad: boolean;
  /** Whether an end packet closes a picture. */
  readonly endsPictures: boolean;
}

const PLAIN: Omit<SimulatedModel, 'name' | 'look'> = {
  capacity: 1_000,
  baud: 57_600,
  switchesBaud: 'at once',
  startMs: 500,
  modern: false,
  hasParameters: true,
  hasNotepad: true,
  endsPictures: true,
};

const R503: SimulatedModel = {
  ...{ name: 'r503', look: 'R503', capacity: 200, baud: 57_600, switchesBaud: 'at once', startMs: 50, modern: true },
  ...{ hasParameters: true, hasNotepad: true, endsPictures: true },
  product: {
    ...{ model: 'R503', batch: 'SIM', serial: '00000503', hardware: '1.2', sensor: 'GR192RGB' },
    ...{ width: 192, height: 192 },
  },
};

/** By the name that `whorl sensor simulate` takes. Their quirks are those that people report of the hardware. */
export const SIMULATED_MODELS: Readonly<Record<string, SimulatedModel>> = {
  r307: { ...PLAIN, name: 'r307', look: 'R307' },
  as608: { ...PLAIN, name: 'as608', look: 'R307', capacity: 162, switchesBaud: 'at power-on' },
  r308: { ...PLAIN, name: 'r308', look: 'R307', capacity: 500, hasParameters: false, hasNotepad: false },
  r503: R503,
  r551: { ...PLAIN, name: 'r551', look: 'R503', capacity: 100, endsPictures: false },
};
