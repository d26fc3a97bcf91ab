import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../device/clock.ts';
import type { Inference } from '../../device/inference/inference.ts';
import { openInference } from '../../device/inference/open-inference.ts';
import type { Tensors } from '../../device/inference/tensor.ts';
import { SLOW_SIDE, writeTinyModels } from '../support/tiny-models.ts';

let models: string;
let inference: Inference;

before(async () => {
  models = mkdtempSync(join(tmpdir(), 'whorl-test-'));
  await writeTinyModels(models);
  inference = await openInference({ models, clock: systemClock, providers: ['cpu'] });
});
after(async () => {
  await inference.close();
  rmSync(models, { recursive: true, force: true });
});

const matrix = (side: number, value = 1 / side): Tensors => ({
  x: { shape: [side, side], data: new Float32Array(side * side).fill(value) },
});
const failsAs = (code: string, words = /./) => ({ name: 'InferenceError', code, message: words });

void test('a model computes what its graph says, in any shape that the graph allows', async () => {
  for (const side of [3, 5, 3]) {
    const { y } = await inference.run('two', matrix(side, 0.5));
    assert.deepEqual(y.shape, [side, side]);
    // A product of matrices, and the hyperbolic tangent twice.
    const expected = Math.tanh(Math.tanh(side * 0.25));
    for (const value of y.data) assert.ok(Math.abs(value - expected) < 1e-6, `${value}, not ${expected}`);
  }
});

void test('what was proven is told: provider, hash, distance, latency', () => {
  const { state, models: status, restarts } = inference.status();
  assert.equal(state, 'running');
  assert.equal(restarts, 0);
  for (const model of Object.values(status)) {
    assert.ok(model.state === 'ready');
    assert.equal(model.provider, 'cpu');
    assert.match(model.sha256, /^[0-9a-f]{64}$/);
    assert.ok(model.proof.distance < 1e-3 && model.proof.latencyMs > 0);
    assert.equal(model.id, model.sha256.slice(0, 16));
  }
});

void test('inputs that do not fit are refused before anything is computed', async () => {
  const wrong: readonly [Tensors, RegExp][] = [
    [{}, /"x" is missing/],
    [{ ...matrix(2), z: matrix(2).x }, /no input "z"/],
    [{ x: { shape: [2, 3], data: new Float32Array(6) } }, /\[2,3\], not \[n,n\]/],
    [{ x: { shape: [4], data: new Float32Array(4) } }, /\[4\], not \[n,n\]/],
    [{ x: { shape: [2, 2], data: new Float32Array(3) } }, /3 values, not 4/],
    [{ x: { shape: [0, 0], data: new Float32Array(0) } }, /\[0,0\]/],
    [{ x: { shape: [1.5, 1.5], data: new Float32Array(2) } }, /\[1.5,1.5\]/],
  ];
  for (const [feeds, words] of wrong)
    await assert.rejects(inference.run('two', feeds), failsAs('inference.bad-input', words));
  await assert.rejects(inference.run('three', matrix(2)), failsAs('inference.unknown-model'));
  await assert.rejects(inference.run('constructor', matrix(2)), failsAs('inference.unknown-model'));
});

void test('requests wait in order, not too many, and may be given up', async () => {
  const order: number[] = [];
  const slow = inference.run('one', matrix(SLOW_SIDE / 3)).then(() => order.push(0));
  // Now it computes, and the next ones wait.
  await new Promise((resolve) => setTimeout(resolve, 20));
  const given = new AbortController();
  const givenUp = inference.run('two', matrix(2), given.signal);
  const waiting = Array.from({ length: 15 }, (_, i) => inference.run('two', matrix(2)).then(() => order.push(i + 1)));
  await assert.rejects(inference.run('two', matrix(2)), failsAs('inference.overloaded'));
  given.abort(new Error('nobody is there any more'));
  await assert.rejects(givenUp, /nobody is there/);
  await slow;
  await Promise.all(waiting);
  assert.deepEqual(
    order,
    Array.from({ length: 16 }, (_, i) => i),
  );
  const before = AbortSignal.abort(new Error('too late'));
  await assert.rejects(inference.run('two', matrix(2), before), /too late/);
});
