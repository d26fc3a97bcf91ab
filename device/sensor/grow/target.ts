import { SensorError } from '../errors.ts';
import { BAUD_MULTIPLES, BAUD_STEP } from './instructions.ts';
import type { Geometry } from './picture.ts';
import type { ModemLines } from './binding.ts';

/** Where the R503's touch output is wired to: a modem line of the port, low (asserted) or high while a finger is there. */
export interface TouchWiring {
  readonly line: keyof ModemLines;
  readonly asserted: boolean;
}

/** A module as the operator names it. */
export interface GrowTarget {
  /** Of the serial port: stable ones lie in `/dev/serial/by-id`; a Jetson's own port is `/dev/ttyTHS1`. */
  readonly path: string;
  readonly model?: string;
  /** The rate to use; the best that the link bears when left out. */
  readonly baud?: number;
  /** A file with the module's password as a number; 0 when left out. */
  readonly passwordFile?: string;
  readonly size?: Geometry;
  readonly dpi?: number;
  /** For a module that shows bright ridges. */
  readonly invert: boolean;
  readonly touch?: TouchWiring;
}

const BAUDS: readonly number[] = BAUD_MULTIPLES.map((multiple) => multiple * BAUD_STEP);

/**
 * Reads `/dev/ttyUSB0?model=R307&baud=57600&password-file=…&size=256x288&dpi=500&invert=yes&touch=cts` (`touch=!cts` for a
 * touch output that is high under a finger).
 *
 * @throws SensorError `sensor.bad-target`
 */
export function parseTarget(text: string): GrowTarget {
  const mark = text.indexOf('?');
  const path = mark < 0 ? text : text.slice(0, mark);
  if (!path.startsWith('/'))
    throw bad(`"${path}" is no serial port: give the path of its device, such as /dev/serial/by-id/…`);
  let target: GrowTarget = { path, invert: false };
  for (const [name, value] of new URLSearchParams(mark < 0 ? '' : text.slice(mark + 1)))
    target = { ...target, ...readOption(name, value) };
  return target;
}

function readOption(name: string, value: string): Partial<GrowTarget> {
  switch (name) {
    case 'model':
      if (/^[\w-]{1,16}$/.test(value)) return { model: value };
      break;
    case 'baud':
      if (BAUDS.includes(Number(value))) return { baud: Number(value) };
      throw bad(`baud=${value}: a module knows ${BAUDS.join(', ')}`);
    case 'password-file':
      if (value !== '') return { passwordFile: value };
      break;
    case 'size': {
      const [width, height] = (/^\d{2,4}x\d{2,4}$/.test(value) ? value.split('x') : []).map(Number);
      if (width % 2 === 0) return { size: { width, height } };
      break;
    }
    case 'dpi':
      if (Number(value) >= 100 && Number(value) <= 2_000) return { dpi: Number(value) };
      break;
    case 'invert':
      if (value === 'yes' || value === 'no') return { invert: value === 'yes' };
      break;
    case 'touch': {
      const [, not, line] = /^(!?)(cts|dsr|dcd)$/.exec(value) ?? [];
      if (line === 'cts' || line === 'dsr' || line === 'dcd') return { touch: { line, asserted: not === '' } };
      break;
    }
    default:
      throw bad(`"${name}" is no option of a module; known: model, baud, password-file, size, dpi, invert, touch`);
  }
  throw bad(`${name}=${value} cannot be understood`);
}

function bad(message: string): SensorError {
  return new SensorError('sensor.bad-target', message);
}
