import type { Area } from '../../device/imaging/sensor-profile.ts';
import { median } from './fields.ts';
import { fitSurface } from './surface.ts';

/** Side of the squares whose mean answer is looked at, pixels. */
const SQUARE = 16;
/** Part of the usual answer under which nothing can be seen of skin. */
const LEAST_VISIBLE = 0.25;

export interface Gain {
  /** Gray levels between empty and full, typically. */
  readonly usual: number;
  /** The weakest and the strongest region, as parts of the usual answer. */
  readonly least: number;
  readonly most: number;
  /** From one edge of the picture to the other along its strongest slope, as a part of the usual answer. */
  readonly tilt: number;
  /** Where the slope rises to, radians from x towards y. */
  readonly rises: number;
}

/** How evenly the sensor answers to skin: `answer` is what lies between empty and full at each pixel. */
export function measureGain(answer: Float32Array, width: number, area: Area): Gain {
  const usual = median(answer);
  const squares: { x: number; y: number; value: number }[] = [];
  for (let top = area.top; top + SQUARE <= area.top + area.height; top += SQUARE)
    for (let left = area.left; left + SQUARE <= area.left + area.width; left += SQUARE) {
      const grays = new Float32Array(SQUARE * SQUARE);
      for (let i = 0; i < grays.length; i++)
        grays[i] = answer[(top + Math.floor(i / SQUARE)) * width + left + (i % SQUARE)];
      squares.push({ x: left + SQUARE / 2, y: top + SQUARE / 2, value: median(grays) / usual });
    }
  const height = answer.length / width;
  const plane = fitSurface(squares, width, height);
  const at = (x: number, y: number): number =>
    plane[Math.round(y * (height - 1)) * width + Math.round(x * (width - 1))];
  const along = at(1, 0.5) - at(0, 0.5);
  const down = at(0.5, 1) - at(0.5, 0);
  const values = squares.map(({ value }) => value);
  return {
    usual,
    least: Math.min(...values),
    most: Math.max(...values),
    tilt: Math.hypot(along, down),
    rises: Math.atan2(down, along),
  };
}

/** The largest middle part of the picture none of whose edges is half blind. */
export function usableArea(answer: Float32Array, width: number): Area {
  const height = answer.length / width;
  const least = LEAST_VISIBLE * median(answer);
  let [left, top, right, bottom] = [0, 0, width, height];
  const blindColumn = (x: number): boolean => {
    let blind = 0;
    for (let y = top; y < bottom; y++) if (answer[y * width + x] < least) blind++;
    return 2 * blind > bottom - top;
  };
  const blindRow = (y: number): boolean => {
    let blind = 0;
    for (let x = left; x < right; x++) if (answer[y * width + x] < least) blind++;
    return 2 * blind > right - left;
  };
  while (left < right - 1 && blindColumn(left)) left++;
  while (right - 1 > left && blindColumn(right - 1)) right--;
  while (top < bottom - 1 && blindRow(top)) top++;
  while (bottom - 1 > top && blindRow(bottom - 1)) bottom--;
  return { left, top, width: right - left, height: bottom - top };
}
