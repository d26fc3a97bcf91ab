/** What a sensor makes of skin: its window and its look. Grays are 0 (black) to 255. */
export interface SensorModel {
  readonly name: SensorName;
  /** Of the picture, pixels at `dpi`. */
  readonly width: number;
  readonly height: number;
  readonly dpi: number;
  /** Gray levels that the sensor sends. */
  readonly levels: 16 | 256;
  readonly look: Look;
}

export type SensorName = 'optical' | 'R307' | 'R503' | 'thermal' | 'capacitive' | 'socofing';

/** Ranges are [from, to]: each touch draws its own value. */
export interface Look {
  /** Gray of a ridge in full contact, and of the empty plate. */
  readonly ridge: readonly [number, number];
  readonly plate: readonly [number, number];
  /** By how much a valley under the finger is darker than the empty plate; negative where it is brighter. */
  readonly haze: readonly [number, number];
  /** Passes of a 3 × 3 binomial blur: the optics' or the field's spread. */
  readonly blur: number;
  /** How abruptly contact turns to full black, in units of relief: small is a binary look. */
  readonly softness: number;
  /** Noise of every pixel of every touch, grays. */
  readonly grain: number;
  /** The sensor's own pattern, the same in every touch: pixels and columns, grays. */
  readonly pixelPattern: number;
  readonly columnPattern: number;
  /** Unevenness of light or field over the plate, grays. */
  readonly shading: number;
  /** A swept line sensor: slices that do not quite meet, and a bright seam around the finger. */
  readonly swept: boolean;
}

const MODELS: Readonly<Record<SensorName, SensorModel>> = {
  optical: {
    name: 'optical',
    width: 328,
    height: 364,
    dpi: 500,
    levels: 256,
    look: {
      ridge: [35, 80],
      haze: [0, 14],
      plate: [215, 250],
      blur: 1,
      softness: 0.75,
      grain: 7,
      pixelPattern: 2,
      columnPattern: 0,
      shading: 14,
      swept: false,
    },
  },
  R307: {
    name: 'R307',
    width: 256,
    height: 288,
    dpi: 500,
    levels: 16,
    look: {
      ridge: [25, 75],
      haze: [0, 18],
      plate: [175, 220],
      blur: 2,
      softness: 0.8,
      grain: 8,
      pixelPattern: 3,
      columnPattern: 0,
      shading: 26,
      swept: false,
    },
  },
  R503: {
    name: 'R503',
    width: 192,
    height: 192,
    dpi: 500,
    levels: 16,
    look: {
      ridge: [20, 65],
      haze: [0, 22],
      plate: [195, 245],
      blur: 1,
      softness: 0.6,
      grain: 14,
      pixelPattern: 5,
      columnPattern: 3,
      shading: 12,
      swept: false,
    },
  },
  thermal: {
    name: 'thermal',
    width: 300,
    height: 480,
    dpi: 500,
    levels: 256,
    look: {
      ridge: [0, 14],
      haze: [-155, -125],
      plate: [95, 115],
      blur: 1,
      softness: 0.3,
      grain: 5,
      pixelPattern: 2,
      columnPattern: 2,
      shading: 10,
      swept: true,
    },
  },
  capacitive: {
    name: 'capacitive',
    width: 300,
    height: 300,
    dpi: 500,
    levels: 256,
    look: {
      ridge: [38, 62],
      haze: [0, 10],
      plate: [100, 128],
      blur: 0,
      softness: 0.5,
      grain: 9,
      pixelPattern: 4,
      columnPattern: 3,
      shading: 12,
      swept: false,
    },
  },
  socofing: {
    name: 'socofing',
    width: 96,
    height: 103,
    dpi: 200,
    levels: 256,
    look: {
      ridge: [0, 25],
      haze: [0, 12],
      plate: [250, 255],
      blur: 0,
      softness: 0.5,
      grain: 8,
      pixelPattern: 2,
      columnPattern: 0,
      shading: 4,
      swept: false,
    },
  },
};

export const SENSOR_NAMES: readonly SensorName[] = Object.values(MODELS).map((model) => model.name);

/** @returns undefined for a sensor that has no model */
export function sensorNamed(name: string): SensorModel | undefined {
  return Object.values(MODELS).find((model) => model.name === name);
}

/** The model of a sensor that is known to have one. */
export function sensorModel(name: SensorName): SensorModel {
  return MODELS[name];
}
