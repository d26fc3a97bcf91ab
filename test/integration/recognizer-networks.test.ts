import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { enrolGoodTouches } from '../../device/gallery/enrol-good-touches.ts';
import type { Gallery } from '../../device/gallery/gallery.ts';
import { MAX_GRID_BYTES } from '../../device/gallery/template-codec.ts';
import { InferenceError } from '../../device/inference/errors.ts';
import { DEFAULT_BUDGET } from '../../device/matching/decision/budget.ts';
import { parseFusionFile } from '../../device/matching/fusion/fusion-file.ts';
import { FusedRecognizer, type ProbeTouch } from '../../device/recognizer.ts';
import { readScoreCalibration } from '../../device/score-calibration.ts';
import { growFinger } from '../../models/synthesis/finger.ts';
import { drawImpression } from '../../models/synthesis/impression.ts';
import { sensorModel } from '../../models/synthesis/sensors.ts';
import { artificialComparison, artificialTouch } from '../support/artificial-touch.ts';
import { emptyGallery } from '../support/gallery.ts';
import { ToyNetworks } from '../support/toy-networks.ts';

const calibration = await readScoreCalibration();
const finger = growFinger(11);
const press = (number: number) =>
  drawImpression(finger, sensorModel('capacitive'), number, { condition: 'good', severity: 0.5 }).image;

function open(context: TestContext): { gallery: Gallery; networks: ToyNetworks; recognizer: FusedRecognizer } {
  const { gallery } = emptyGallery(context);
  const networks = new ToyNetworks();
  const fusion = parseFusionFile({
    version: 1,
    models: networks.ids,
    combinations: [
      {
        parts: ['minutiae', 'siamese', 'latent'],
        weights: [1, 0.01, 0.01],
        from: [null, 0, 0],
        offset: 0,
        calibration,
      },
      { parts: ['minutiae', 'siamese'], weights: [1, 0.01], from: [null, 0], offset: 0, calibration },
      { parts: ['siamese', 'latent'], weights: [0.1, 0.1], from: [null, 0], offset: 0, calibration },
    ],
  });
  const recognizer = new FusedRecognizer({ gallery, calibration, budget: DEFAULT_BUDGET, networks, fusion });
  return { gallery, networks, recognizer };
}

async function featuresOf(recognizer: FusedRecognizer, number: number): Promise<ProbeTouch> {
  const extracted = await recognizer.features(press(number));
  assert.ok(extracted.kind === 'features');
  return extracted.features;
}

async function enrol(gallery: Gallery, recognizer: FusedRecognizer): Promise<string> {
  const touches = await Promise.all([1, 2, 3].map((number) => featuresOf(recognizer, number)));
  const { comparison } = recognizer;
  const { result } = enrolGoodTouches(gallery, { person: { name: 'Ada' }, position: 'unknown', touches, comparison });
  assert.ok(result.kind === 'enrolled');
  return result.person.id;
}

describe('recognition with networks', () => {
  test('every touch runs backbone and encoder, is stored with what they left, and is compared by the head', async (context) => {
    const { gallery, networks, recognizer } = open(context);
    await enrol(gallery, recognizer);
    assert.deepEqual(networks.runs, { backbone: 3, encoder: 3, siamese: 0 });
    const [{ template }] = gallery.contents().people[0].fingers[0].templates;
    assert.deepEqual([template.grid?.model, template.latent?.model], [networks.ids.backbone, networks.ids.encoder]);
    assert.ok((template.grid?.values.length ?? Infinity) <= MAX_GRID_BYTES && template.latent?.values.length === 256);

    const recognition = await recognizer.decide(await featuresOf(recognizer, 7));
    assert.ok(recognition.kind === 'recognised' && recognition.person.name === 'Ada');
    assert.deepEqual(networks.runs, { backbone: 4, encoder: 4, siamese: 1 });
    assert.deepEqual(recognizer.contents().touchAgain, []);
  });

  test('networks that die under a touch make it a retry, and the next one is recognised', async (context) => {
    const { gallery, networks, recognizer } = open(context);
    await enrol(gallery, recognizer);
    networks.failure = () => new InferenceError('inference.died', 'the inference process ended (SIGKILL)');
    assert.deepEqual(await recognizer.features(press(7)), { kind: 'retry', reason: 'interrupted' });
    networks.failure = () => undefined;
    assert.equal((await recognizer.decide(await featuresOf(recognizer, 7))).kind, 'recognised');
  });

  test('a head that fails leaves the decision to minutiae and latents', async (context) => {
    const { gallery, networks, recognizer } = open(context);
    await enrol(gallery, recognizer);
    networks.failure = (model) =>
      model === 'siamese' ? new InferenceError('inference.died', 'the inference process ended') : undefined;
    const recognition = await recognizer.decide(await featuresOf(recognizer, 7));
    assert.equal(recognition.kind, 'recognised');
    assert.equal(networks.runs.siamese, 0);
  });

  test('without models, and with models that the fusion does not know, minutiae decide as they do alone', async (context) => {
    const { gallery, networks, recognizer } = open(context);
    const alone = new FusedRecognizer({ gallery, calibration, budget: DEFAULT_BUDGET });
    await enrol(gallery, recognizer);
    const expected = await alone.decide(await featuresOf(alone, 7));
    assert.equal(expected.kind, 'recognised');
    networks.ids = {};
    assert.deepEqual(await recognizer.decide(await featuresOf(recognizer, 7)), expected);
    networks.ids = { backbone: '1'.repeat(16), encoder: '2'.repeat(16), siamese: '3'.repeat(16) };
    assert.deepEqual(await recognizer.decide(await featuresOf(recognizer, 7)), expected);
    assert.equal(networks.runs.siamese, 0);
  });

  test('whoever was enrolled with another backbone is recognised by minutiae, and named to touch again', async (context) => {
    const { gallery, networks, recognizer } = open(context);
    const enrolledWith = networks.ids.backbone;
    networks.ids.backbone = '1'.repeat(16);
    const person = await enrol(gallery, recognizer);
    networks.ids.backbone = enrolledWith ?? '';
    assert.deepEqual(recognizer.contents().touchAgain, [person]);
    assert.equal((await recognizer.decide(await featuresOf(recognizer, 7))).kind, 'recognised');
    assert.equal(networks.runs.siamese, 0);
  });

  test('in a large gallery those that come near are compared, and follow those who come and go', async (context) => {
    const { gallery, networks, recognizer } = open(context);
    for (let k = 0; k < 80; k++) {
      const touches = [0, 1, 2].map((touch) => artificialTouch(`f${k}`, touch, 40));
      gallery.enrol({ person: { name: `P${k}` }, position: 'unknown', touches, comparison: artificialComparison });
    }
    assert.equal((await recognizer.decide(await featuresOf(recognizer, 7))).kind, 'denied');
    const person = await enrol(gallery, recognizer);
    const recognition = await recognizer.decide(await featuresOf(recognizer, 7));
    assert.ok(recognition.kind === 'recognised' && recognition.person.name === 'Ada');
    assert.equal(recognizer.contents().templates, 243);
    assert.equal(networks.runs.siamese, 1);
    gallery.erasePerson(person);
    assert.equal((await recognizer.decide(await featuresOf(recognizer, 7))).kind, 'denied');
    assert.equal(recognizer.references.latents.size, 0);
    assert.equal(recognizer.references.pairs.size, 240);
  });
});
