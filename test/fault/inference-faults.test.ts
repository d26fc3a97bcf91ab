import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test, { type TestContext } from 'node:test';
import { systemClock } from '../../device/clock.ts';
import { InferenceError } from '../../device/inference/errors.ts';
import type { Inference, InferenceChange } from '../../device/inference/inference.ts';
import type { Manifest } from '../../device/inference/manifest.ts';
import { openInference } from '../../device/inference/open-inference.ts';
import type { Tensors } from '../../device/inference/tensor.ts';
import { scratch } from '../support/scratch.ts';
import { sha256, SLOW_SIDE, tinyModel, writeManifest, writeTinyModels } from '../support/tiny-models.ts';

/** For what takes no time of its own: these machines are slow. */
const PATIENCE_MS = 60_000;

const matrix = (side: number): Tensors => ({
  x: { shape: [side, side], data: new Float32Array(side * side).fill(1 / side) },
});

async function open(context: TestContext, models: string): Promise<{ inference: Inference; told: InferenceChange[] }> {
  const told: InferenceChange[] = [];
  const onChange = (change: InferenceChange): void => void told.push(change);
  const inference = await openInference({ models, clock: systemClock, providers: ['cpu'], onChange });
  context.after(() => inference.close());
  return { inference, told };
}

const failsAs = (code: string) => (error: unknown) => error instanceof InferenceError && error.code === code;

/** Runs until it works again, and returns after how many milliseconds it did. */
async function untilItWorks(inference: Inference): Promise<number> {
  const begin = performance.now();
  while (performance.now() - begin < PATIENCE_MS)
    try {
      await inference.run('two', matrix(4));
      return performance.now() - begin;
    } catch (error) {
      assert.ok(error instanceof InferenceError, String(error));
      await pause(50);
    }
  throw new Error('it never worked again');
}

void test('a process killed while it computes ends that request at once, and the next one works', async (context) => {
  const models = scratch(context);
  await writeTinyModels(models);
  const { inference, told } = await open(context, models);
  const waits: number[] = [];
  for (let kill = 0; kill < 3; kill++) {
    const { pid } = inference.status();
    assert.ok(pid !== undefined);
    const touched = inference.run('one', matrix(SLOW_SIDE));
    const behind = inference.run('two', matrix(4));
    const ended = Promise.allSettled([touched, behind]);
    await pause(300);
    process.kill(pid, 'SIGKILL');
    for (const { status, reason } of (await ended) as PromiseRejectedResult[]) {
      assert.equal(status, 'rejected');
      assert.ok(failsAs('inference.died')(reason), String(reason));
    }
    waits.push(await untilItWorks(inference));
  }
  assert.equal(inference.status().restarts, 3);
  assert.deepEqual(
    told.map(({ kind }) => kind),
    ['loaded', ...Array.from({ length: 3 }, () => ['degraded', 'restored']).flat()],
  );
  context.diagnostic(`worked again after ${waits.map((ms) => `${Math.round(ms)} ms`).join(', ')}`);
});

void test('a process that hangs is killed, and the next request works', async (context) => {
  const models = scratch(context);
  await writeTinyModels(models);
  const { inference } = await open(context, models);
  const { pid } = inference.status();
  assert.ok(pid !== undefined);
  process.kill(pid, 'SIGSTOP');
  await assert.rejects(inference.run('two', matrix(4)), failsAs('inference.hung'));
  await untilItWorks(inference);
  assert.notEqual(inference.status().pid, pid);
});

void test('closing while a model computes ends everything', async (context) => {
  const models = scratch(context);
  await writeTinyModels(models);
  const { inference } = await open(context, models);
  const { pid } = inference.status();
  const touched = inference.run('one', matrix(SLOW_SIDE));
  const ended = assert.rejects(touched, failsAs('inference.closed'));
  await pause(100);
  await inference.close();
  await ended;
  assert.throws(() => process.kill(pid ?? 0, 0), 'the process is still there');
  await assert.rejects(inference.run('two', matrix(4)), failsAs('inference.closed'));
});

/** Damages one of the two models, and expects that the other works and that it is told what is wrong. */
function damaged(what: string, code: string, damage: (directory: string, manifest: Manifest) => void): void {
  void test(`${what}: that model is refused as ${code}, the other works`, async (context) => {
    const models = scratch(context);
    const manifest = await writeTinyModels(models);
    damage(models, manifest);
    const { inference, told } = await open(context, models);

    const { models: status, state } = inference.status();
    assert.equal(state, 'running');
    assert.ok(status.one.state === 'refused' && status.one.code === code, JSON.stringify(status.one));
    assert.equal(inference.ready('one'), undefined);
    await assert.rejects(inference.run('one', matrix(4)), failsAs('inference.unavailable'));
    assert.ok(inference.ready('two') !== undefined);
    await inference.run('two', matrix(4));
    const bad = told.filter(({ kind }) => kind === 'degraded');
    assert.deepEqual(
      bad.map((change) => change.kind === 'degraded' && change.code),
      [code],
    );
  });
}

/** Another file in the place of the first model's, with the hash that it has. */
function replace(directory: string, manifest: Manifest, bytes: Uint8Array): void {
  const { models } = manifest;
  const [file] = models.one.files;
  writeFileSync(join(directory, file.path), bytes);
  const one = { ...models.one, files: [{ ...file, sha256: sha256(bytes), bytes: bytes.length }] };
  writeManifest(directory, { ...manifest, models: { ...models, one } });
}

damaged('a file with another hash', 'inference.wrong-hash', (directory) => {
  writeFileSync(join(directory, 'one.onnx'), tinyModel(3));
});
damaged('a file cut short', 'inference.wrong-hash', (directory) => {
  const whole = tinyModel(40);
  writeFileSync(join(directory, 'one.onnx'), whole.subarray(0, whole.length / 2));
});
damaged('no file', 'inference.model-missing', (directory) => {
  rmSync(join(directory, 'one.onnx'));
});
damaged('a truncated model that the manifest vouches for', 'inference.unloadable', (directory, manifest) => {
  const whole = tinyModel(40);
  replace(directory, manifest, whole.subarray(0, whole.length / 2));
});
damaged('an operator that nobody knows', 'inference.unloadable', (directory, manifest) => {
  replace(directory, manifest, tinyModel(40, 'Whorl'));
});
damaged('a model of other numbers', 'inference.wrong-answer', (directory, manifest) => {
  replace(directory, manifest, tinyModel(3, 'Sigmoid'));
});

void test('a manifest that cannot be read leaves no models, and says what to do', async (context) => {
  const models = scratch(context);
  writeManifest(models, { version: 1, models: { one: { id: 'x' } } });
  const { inference, told } = await open(context, models);
  assert.equal(inference.status().state, 'down');
  assert.equal(told.length, 1);
  assert.ok(told[0].kind === 'degraded' && told[0].code === 'inference.bad-manifest');
  await assert.rejects(inference.run('one', matrix(4)), failsAs('inference.unavailable'));
});
