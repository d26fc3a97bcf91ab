import type { GrayImage } from '../../device/imaging/gray-image.ts';
import { growFinger } from './finger.ts';
import { drawImpression } from './impression.ts';
import { derive } from './random.ts';
import { sensorModel, type SensorName } from './sensors.ts';

const FINGERS = 4;
const IMPRESSIONS = 8;
const SENSORS: readonly SensorName[] = ['optical', 'R503', 'thermal'];
/** Side of a tile and the space between, pixels; a tile shows its picture whole, at most at this part of its size. */
const TILE = 148;
const GAP = 4;
const LARGEST_SCALE = 0.6;
const GROUND = 255;
/** Grays of the sheet: few, so that its file is small. */
const LEVELS = 16;

/** A sheet to judge by eye: a row for each of four fingers on each of three sensors, eight touches each. */
export function drawContactSheet(seed: number): GrayImage {
  const rows = FINGERS * SENSORS.length;
  const width = IMPRESSIONS * (TILE + GAP) + GAP;
  const height = rows * (TILE + GAP) + GAP;
  const pixels = new Uint8Array(width * height).fill(GROUND);
  for (let f = 0; f < FINGERS; f++) {
    const finger = growFinger(derive(seed, f));
    SENSORS.forEach((name, s) => {
      for (let i = 0; i < IMPRESSIONS; i++) {
        const { image } = drawImpression(finger, sensorModel(name), i);
        paste(image, pixels, width, GAP + i * (TILE + GAP), GAP + (f * SENSORS.length + s) * (TILE + GAP));
      }
    });
  }
  const step = 255 / (LEVELS - 1);
  for (let i = 0; i < pixels.length; i++) pixels[i] = step * Math.round(pixels[i] / step);
  return { width, height, dpi: 500, pixels };
}

/** Area average into the middle of a tile. */
function paste(image: GrayImage, pixels: Uint8Array, stride: number, left: number, top: number): void {
  const scale = Math.min(LARGEST_SCALE, TILE / image.width, TILE / image.height);
  const width = Math.floor(image.width * scale);
  const height = Math.floor(image.height * scale);
  const x0 = left + Math.floor((TILE - width) / 2);
  const y0 = top + Math.floor((TILE - height) / 2);
  const weights = (at: number): { first: number; parts: number[] } => {
    const from = at / scale;
    const to = (at + 1) / scale;
    const first = Math.floor(from);
    const parts: number[] = [];
    for (let i = first; i < to; i++) parts.push((Math.min(to, i + 1) - Math.max(from, i)) * scale);
    return { first, parts };
  };
  const columns = Array.from({ length: width }, (_, x) => weights(x));
  for (let y = 0; y < height; y++) {
    const row = weights(y);
    columns.forEach((column, x) => {
      let sum = 0;
      row.parts.forEach((v, r) => {
        column.parts.forEach((u, c) => {
          const at =
            Math.min(image.height - 1, row.first + r) * image.width + Math.min(image.width - 1, column.first + c);
          sum += u * v * image.pixels[at];
        });
      });
      pixels[(y0 + y) * stride + x0 + x] = sum;
    });
  }
}
