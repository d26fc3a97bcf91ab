import { createGrid, type CellGrid } from '../imaging/cell-grid.ts';
import { smooth } from '../imaging/smoothing.ts';
import { PLANE_MARGIN, type Plane } from '../imaging/plane.ts';
import type { OrientationField } from './orientation-field.ts';
import { EXTRACTION } from './parameters.ts';

/** Ridge period (distance from ridge to ridge, px) around each cell of a coarse grid. */
export interface PeriodField {
  readonly grid: CellGrid;
  readonly period: Float32Array;
}

const { shortest, longest, steps, coarseness, probeReach, probeBreadth, probeStep, pooling } = EXTRACTION.period;
const probeLength = 2 * probeReach + 1;
const ratio = Math.pow(longest / shortest, 1 / (steps - 1));

/** Cosine and sine waves of every period under a Hann window, zero on average. */
const waves = (() => {
  const cosine: Float32Array[] = [];
  const sine: Float32Array[] = [];
  for (let step = 0; step < steps; step++) {
    const period = shortest * Math.pow(ratio, step);
    const c = new Float32Array(probeLength);
    const s = new Float32Array(probeLength);
    let mean = 0;
    let total = 0;
    const window = Array.from({ length: probeLength }, (_, i) =>
      Math.pow(Math.cos((Math.PI * (i - probeReach)) / (2 * probeReach + 2)), 2),
    );
    for (let i = 0; i < probeLength; i++) {
      mean += window[i] * Math.cos((2 * Math.PI * (i - probeReach)) / period);
      total += window[i];
    }
    mean /= total;
    for (let i = 0; i < probeLength; i++) {
      c[i] = window[i] * (Math.cos((2 * Math.PI * (i - probeReach)) / period) - mean);
      s[i] = window[i] * Math.sin((2 * Math.PI * (i - probeReach)) / period);
    }
    cosine.push(c);
    sine.push(s);
  }
  return { cosine, sine };
})();

/**
 * The period whose waves carry most power across the ridges, spectra pooled with those of the neighbourhood, so that one
 * smudge or scar cannot decide alone.
 */
export function estimatePeriod(plane: Plane, orientation: OrientationField, mask: Uint8Array): PeriodField {
  const { width, height, stride, samples } = plane;
  const fine = orientation.grid;
  const grid = createGrid(width, height, fine.cell * coarseness);
  const count = grid.columns * grid.rows;
  const power = Array.from({ length: steps }, () => new Float32Array(count));
  const profile = new Float32Array(probeLength);
  for (let row = 0; row < grid.rows; row++) {
    for (let column = 0; column < grid.columns; column++) {
      const x = Math.min(width - 1, (column + 0.5) * grid.cell);
      const y = Math.min(height - 1, (row + 0.5) * grid.cell);
      const fineAt = Math.floor(y / fine.cell) * fine.columns + Math.floor(x / fine.cell);
      if (mask[fineAt] === 0) continue;
      const c = orientation.cosine[fineAt];
      const s = orientation.sine[fineAt];
      const angle = Math.atan2(s, c) / 2;
      const ux = Math.cos(angle);
      const uy = Math.sin(angle);
      for (let v = -probeReach; v <= probeReach; v++) {
        // Rounding by truncation: coordinates of the plane's samples, margin included, are positive.
        const px = x - v * uy + PLANE_MARGIN + 0.5;
        const py = y + v * ux + PLANE_MARGIN + 0.5;
        let sum = 0;
        for (let u = -probeBreadth; u <= probeBreadth; u += probeStep) {
          sum += samples[Math.trunc(py + u * uy) * stride + Math.trunc(px + u * ux)];
        }
        profile[v + probeReach] = sum;
      }
      const at = row * grid.columns + column;
      const certainty = Math.hypot(c, s);
      for (let step = 0; step < steps; step++) {
        const cosine = waves.cosine[step];
        const sine = waves.sine[step];
        let a = 0;
        let b = 0;
        for (let i = 0; i < probeLength; i++) {
          a += profile[i] * cosine[i];
          b += profile[i] * sine[i];
        }
        power[step][at] = certainty * (a * a + b * b);
      }
    }
  }
  const pooled = power.map((values) => smooth(grid, values, pooling / grid.cell));
  const typical = typicalStep(power);
  const spread = Math.log(1 + EXTRACTION.period.spread) / Math.log(ratio);
  for (let step = 0; step < steps; step++) {
    const likelihood = Math.exp(-((step - typical) ** 2) / (2 * spread * spread));
    for (let at = 0; at < count; at++) pooled[step][at] *= likelihood;
  }
  const period = new Float32Array(count);
  for (let at = 0; at < count; at++) {
    let best = 0;
    for (let step = 1; step < steps; step++) if (pooled[step][at] > pooled[best][at]) best = step;
    const here = pooled[best][at];
    const before = best > 0 ? pooled[best - 1][at] : here;
    const after = best < steps - 1 ? pooled[best + 1][at] : here;
    const bend = before - 2 * here + after;
    const offset = bend < 0 ? (0.5 * (before - after)) / bend : 0;
    period[at] = shortest * Math.pow(ratio, Math.min(steps - 1, Math.max(0, best + offset)));
  }
  return { grid, period };
}

/** The step that stands out over the whole print, among those a finger can have. */
function typicalStep(power: readonly Float32Array[]): number {
  const { usual, usualSpread, blotchSlope } = EXTRACTION.period;
  const whole = power.map((values, step) => {
    const period = shortest * Math.pow(ratio, step);
    const likelihood = Math.exp(-(Math.log(period / usual) ** 2) / (2 * Math.log(1 + usualSpread) ** 2));
    // Blotches of ink have power in proportion to the period's power, ridges stand out from that.
    return (likelihood * values.reduce((sum, value) => sum + value, 0)) / Math.pow(period, blotchSlope);
  });
  return whole.indexOf(Math.max(...whole));
}
