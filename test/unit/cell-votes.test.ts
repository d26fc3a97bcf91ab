import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { votesOf } from '../../device/matching/siamese/cell-votes.ts';
import type { Grid } from '../../device/matching/siamese/grid.ts';
import { DESCRIPTOR, GRID_CELLS, GRID_SIDE } from '../../device/matching/siamese/layout.ts';

function grid(): Grid {
  const descriptors = new Float32Array(GRID_CELLS * DESCRIPTOR);
  for (let cell = 0; cell < GRID_CELLS; cell++) {
    const values = Array.from({ length: DESCRIPTOR }, (_, k) => Math.sin(1 + cell * 37.7 + k * k));
    const length = Math.hypot(...values);
    values.forEach((value, k) => (descriptors[cell * DESCRIPTOR + k] = value / length));
  }
  return { descriptors, weights: Float32Array.from({ length: GRID_CELLS }, (_, cell) => (cell % 5) / 4) };
}

/** The same print a quarter turn counter-clockwise: cells change places, and what turns with the print turns in them. */
function quarterTurn({ descriptors, weights }: Grid): Grid {
  const turned = { descriptors: new Float32Array(descriptors.length), weights: new Float32Array(GRID_CELLS) };
  for (let cell = 0; cell < GRID_CELLS; cell++) {
    const [column, row] = [cell % GRID_SIDE, Math.floor(cell / GRID_SIDE)];
    const to = (GRID_SIDE - 1 - column) * GRID_SIDE + row;
    turned.weights[to] = weights[cell];
    const at = (k: number): number => descriptors[cell * DESCRIPTOR + k];
    for (let k = 0; k < 12; k++) turned.descriptors[to * DESCRIPTOR + k] = at(k);
    for (let k = 12; k < 21; k++) {
      // i times a complex number; then, for the second order, −1 times one.
      turned.descriptors[to * DESCRIPTOR + k] = -at(k + 9);
      turned.descriptors[to * DESCRIPTOR + k + 9] = at(k);
    }
    for (let k = 30; k < DESCRIPTOR; k++) turned.descriptors[to * DESCRIPTOR + k] = -at(k);
  }
  return turned;
}

describe('cell votes', () => {
  const probe = grid();

  it('are all for a print and itself, the surer both cells the more, and silent where one is not', () => {
    const votes = votesOf(probe, probe, { score: 1, rotation: 0, shift: [0, 0] });
    assert.equal(votes.length, probe.weights.filter((weight) => weight > 0).length);
    for (const { probe: cell, reference, vote } of votes) {
      assert.equal(reference, cell);
      assert.ok(Math.abs(vote - probe.weights[cell] ** 2) < 1e-5);
    }
  });

  it('follow the print when it is turned, but not with the wrong turn', () => {
    const turned = quarterTurn(probe);
    const right = votesOf(probe, turned, { score: 1, rotation: Math.PI / 2, shift: [0, 0] });
    for (const { probe: cell, vote } of right) assert.ok(Math.abs(vote - probe.weights[cell] ** 2) < 1e-5);
    const sum = (votes: typeof right): number => votes.reduce((all, { vote }) => all + vote, 0);
    const wrong = votesOf(probe, turned, { score: 1, rotation: 0, shift: [0, 0] });
    assert.ok(Math.abs(sum(wrong)) < 0.3 * sum(right));
  });

  it('join each cell with the one that it was moved onto, and none beyond the grid', () => {
    const votes = votesOf(probe, probe, { score: 1, rotation: 0, shift: [3, -2] });
    for (const { probe: cell, reference } of votes) assert.equal(reference, cell + 3 - 2 * GRID_SIDE);
    assert.ok(votes.length > 0 && votes.length <= (GRID_SIDE - 3) * (GRID_SIDE - 2));
  });
});
