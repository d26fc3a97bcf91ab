import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Cells } from '../../device/matching/siamese/cells.ts';
import { cutGrid, gridWindowOf } from '../../device/matching/siamese/grid.ts';
import { GRID_BYTES, packGrid, unpackGrid } from '../../device/matching/siamese/grid-codec.ts';
import { headFeeds } from '../../device/matching/siamese/head.ts';
import {
  CELL,
  DESCRIPTOR,
  GRID_CELLS,
  GRID_SIDE,
  PLACE_UNIT,
  UPRIGHT_SIDE,
} from '../../device/matching/siamese/layout.ts';
import { modelPictureOf } from '../../device/matching/siamese/model-picture.ts';
import { type Pose, poseOf } from '../../device/matching/siamese/pose.ts';
import { uprightPrint } from '../../device/matching/siamese/upright-print.ts';
import { moved } from '../support/moved-image.ts';
import { growFinger } from '../../models/synthesis/finger.ts';
import { drawImpression } from '../../models/synthesis/impression.ts';
import { sensorModel } from '../../models/synthesis/sensors.ts';

/** What a backbone would say that knows everything of a picture with a finger in this pose. */
function knowing(columns: number, rows: number, pose: Pose, confidence = 1): Cells {
  const count = columns * rows;
  const place = new Float32Array(4 * count);
  const [c, s] = [Math.cos(pose.rotation), Math.sin(pose.rotation)];
  for (let cell = 0; cell < count; cell++) {
    const across = CELL * ((cell % columns) + 0.5) - pose.x;
    const down = CELL * (Math.floor(cell / columns) + 0.5) - pose.y;
    place[cell] = (across * c - down * s) / PLACE_UNIT;
    place[count + cell] = (across * s + down * c) / PLACE_UNIT;
    place[2 * count + cell] = c;
    place[3 * count + cell] = s;
  }
  const descriptors = Float32Array.from({ length: DESCRIPTOR * count }, (_, at) => Math.sin(at * at));
  return { columns, rows, descriptors, confidence: new Float32Array(count).fill(confidence), place };
}

const sizes = fc.integer({ min: 5, max: 30 });
const poses = fc.record({
  rotation: fc.double({ min: -3.1, max: 3.1, noNaN: true }),
  x: fc.double({ min: -20, max: 240, noNaN: true }),
  y: fc.double({ min: -20, max: 240, noNaN: true }),
});

function near(one: number, other: number, within: number): void {
  assert.ok(Math.abs(one - other) <= within, `${one} is not ${other} within ${within}`);
}

describe('the picture for the networks', () => {
  it('has half the resolution, whole cells, and white beyond the picture', () => {
    const pixels = new Uint8Array(21 * 18).fill(51);
    const { width, height, values } = modelPictureOf({ width: 21, height: 18, dpi: 500, pixels });
    assert.deepEqual([width, height], [16, 16]);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) near(values[y * width + x], x < 10 && y < 9 ? 0.2 : 1, 1e-6);
  });

  it('is the mean of two by two pixels', () => {
    const { values } = modelPictureOf({ width: 2, height: 2, dpi: 500, pixels: Uint8Array.of(0, 255, 255, 0) });
    near(values[0], 0.5, 1e-6);
    near(values[1], 1, 1e-6);
  });
});

describe('pose', () => {
  it('is what all cells agree on', () => {
    fc.assert(
      fc.property(sizes, sizes, poses, (columns, rows, pose) => {
        const found = poseOf(knowing(columns, rows, pose));
        near(Math.cos(found.rotation - pose.rotation), 1, 1e-5);
        near(found.x, pose.x, 0.01);
        near(found.y, pose.y, 0.01);
      }),
    );
  });

  it('hardly moves where a fifth of the cells err, nor where unsure cells do', () => {
    const pose = { rotation: 0.4, x: 90, y: 70 };
    const cells = knowing(20, 20, pose);
    for (let cell = 0; cell < 400; cell += 5) cells.place[cell] += 1.5;
    for (let cell = 1; cell < 400; cell += 5) {
      cells.place[400 + cell] -= 3;
      cells.confidence[cell] = 0;
    }
    const found = poseOf(cells);
    near(found.rotation, pose.rotation, 1e-6);
    near(Math.hypot(found.x - pose.x, found.y - pose.y), 0, 1.5);
  });

  it('is upright in the middle where nothing is known', () => {
    assert.deepEqual(poseOf(knowing(10, 12, { rotation: 1, x: 3, y: 4 }, 0)), { rotation: 0, x: 40, y: 48 });
  });
});

describe('the encoder’s print', () => {
  it('shows a turned and shifted print as it shows the upright one', () => {
    const print = drawImpression(growFinger(7), sensorModel('optical'), 1).image;
    // `moved` turns about the pixel of index side / 2, whose middle lies half a pixel further.
    const middle = (side: number): number => (side / 2 + 0.5) / 2;
    const upright = uprightPrint(modelPictureOf(print), {
      rotation: 0,
      x: middle(print.width),
      y: middle(print.height),
    });
    for (const [radians, dx, dy] of [
      [0.5, 0, 0],
      [-1.2, 14, -30],
      [3, -8, 22],
    ]) {
      const picture = moved(print, { radians, dx, dy });
      const pose = { rotation: radians, x: middle(picture.width) + dx / 2, y: middle(picture.height) + dy / 2 };
      near(correlation(upright, uprightPrint(modelPictureOf(picture), pose)), 1, 0.06);
      // Half a period of the ridges off, and nothing is left of that.
      const off = { ...pose, x: pose.x + 3, y: pose.y + 3 };
      assert.ok(correlation(upright, uprightPrint(modelPictureOf(picture), off)) < 0.8);
    }
  });

  it('is white where the picture is not', () => {
    const picture = modelPictureOf({ width: 64, height: 64, dpi: 500, pixels: new Uint8Array(64 * 64) });
    const print = uprightPrint(picture, { rotation: 0, x: 16, y: 16 });
    const at = (x: number, y: number): number => print[y * UPRIGHT_SIDE + x];
    assert.deepEqual([at(64, 64), at(0, 0), at(90, 64), at(127, 127)], [0, 1, 1, 1]);
  });
});

describe('a grid', () => {
  it('is cut where the finger’s middle is, within the picture', () => {
    fc.assert(
      fc.property(sizes, sizes, poses, (columns, rows, pose) => {
        const { column, row } = gridWindowOf(knowing(columns, rows, pose));
        const wanted = (middle: number, cells: number): number =>
          Math.min(Math.max(0, cells - GRID_SIDE), Math.max(0, middle / CELL - GRID_SIDE / 2));
        // As near as whole cells allow; far outside of the picture all windows are alike.
        if (pose.x > 0 && pose.x < columns * CELL && pose.y > 0 && pose.y < rows * CELL) {
          near(column, wanted(pose.x, columns), 0.51);
          near(row, wanted(pose.y, rows), 0.51);
        }
        assert.ok(column >= 0 && column <= Math.max(0, columns - GRID_SIDE));
        assert.ok(row >= 0 && row <= Math.max(0, rows - GRID_SIDE));
      }),
    );
  });

  it('holds what the cells held, and nothing beyond a small picture', () => {
    const cells = knowing(14, 9, { rotation: 0, x: 60, y: 30 });
    const { descriptors, weights } = cutGrid(cells, { column: 2, row: 0 });
    const count = 14 * 9;
    for (let j = 0; j < GRID_SIDE; j++)
      for (let i = 0; i < GRID_SIDE; i++) {
        const cell = j * GRID_SIDE + i;
        assert.equal(weights[cell], j < 9 ? 1 : 0);
        const value = j < 9 ? cells.descriptors[5 * count + j * 14 + i + 2] : 0;
        assert.equal(descriptors[cell * DESCRIPTOR + 5], value);
      }
  });

  const grids = fc.record({
    descriptors: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
      minLength: GRID_CELLS * DESCRIPTOR,
      maxLength: GRID_CELLS * DESCRIPTOR,
    }),
    weights: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: GRID_CELLS, maxLength: GRID_CELLS }),
  });

  it('keeps the signs of its values and its weights to a thirtieth; packed again it is the same', () => {
    fc.assert(
      fc.property(grids, fc.integer({ min: 0, max: 2 }), ({ descriptors, weights }, place) => {
        const bytes = packGrid({ descriptors: Float32Array.from(descriptors), weights: Float32Array.from(weights) });
        assert.equal(bytes.length, GRID_BYTES);
        const out = new Float32Array(3 * GRID_CELLS * DESCRIPTOR);
        const sure = new Float32Array(3 * GRID_CELLS);
        unpackGrid(bytes, out, sure, place);
        const own = out.subarray(place * descriptors.length, (place + 1) * descriptors.length);
        const ownSure = sure.subarray(place * GRID_CELLS, (place + 1) * GRID_CELLS);
        own.forEach((value, at) => {
          near(value, (Math.fround(descriptors[at]) > 0 ? 1 : -1) / Math.sqrt(DESCRIPTOR), 1e-6);
        });
        ownSure.forEach((value, at) => {
          near(value, weights[at], 1 / 30 + 1e-6);
        });
        assert.equal(out.filter((value) => value !== 0).length, own.length);
        assert.deepEqual(packGrid({ descriptors: own, weights: ownSure }), bytes);
      }),
      { numRuns: 20 },
    );
  });

  it('goes to the head together with many, each in its place', () => {
    const cells = knowing(12, 12, { rotation: 0, x: 48, y: 48 });
    const grid = cutGrid(cells, { column: 0, row: 0 });
    const other = { ...grid, weights: grid.weights.map(() => 0.4) };
    const feeds = headFeeds(grid, [packGrid(grid), packGrid(other), packGrid(grid)]);
    assert.deepEqual(feeds.references.shape, [3, GRID_CELLS, DESCRIPTOR]);
    assert.equal(feeds.references.data.length, 3 * GRID_CELLS * DESCRIPTOR);
    assert.deepEqual(
      [0, 1, 2].map((k) => Number(feeds.references_weight.data[k * GRID_CELLS].toFixed(6))),
      [1, 0.4, 1],
    );
    assert.equal(feeds.probe.data, grid.descriptors);
  });
});

function correlation(one: Float32Array, other: Float32Array): number {
  const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [a, b] = [mean(one), mean(other)];
  let [ab, aa, bb] = [0, 0, 0];
  one.forEach((value, at) => {
    ab += (value - a) * (other[at] - b);
    aa += (value - a) ** 2;
    bb += (other[at] - b) ** 2;
  });
  return ab / Math.sqrt(aa * bb);
}
