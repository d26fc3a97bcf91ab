import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { Report } from '../../device/events/event.ts';
import { claim } from '../../device/exclusive.ts';
import { Gallery } from '../../device/gallery/gallery.ts';
import { openGalleryIn } from '../../device/gallery/open-in-directory.ts';
import type { GrayImage } from '../../device/imaging/gray-image.ts';
import { DEFAULT_BUDGET } from '../../device/matching/decision/budget.ts';
import { FusedRecognizer } from '../../device/recognizer.ts';
import { enrolEnrollees } from '../../device/rehearse.ts';
import { readScoreCalibration } from '../../device/score-calibration.ts';
import type { Enrollee } from '../../device/sensor/rehearsal.ts';
import type { Recognition } from '../../device/terminal.ts';
import { growFinger, type Finger } from '../../models/synthesis/finger.ts';
import { drawImpression } from '../../models/synthesis/impression.ts';
import { sensorModel } from '../../models/synthesis/sensors.ts';
import { scratch } from '../support/scratch.ts';

const calibration = await readScoreCalibration();
const [ada, bela, stranger] = [1, 2, 3].map((seed) => growFinger(seed));

const pressed = new Map<string, GrayImage>();

/** Drawn once for all tests. */
function press(finger: Finger, number: number): GrayImage {
  const key = `${finger.identity.seed} ${number}`;
  const options = { condition: 'good', severity: 0.5 } as const;
  const image = pressed.get(key) ?? drawImpression(finger, sensorModel('optical'), number, options).image;
  pressed.set(key, image);
  return image;
}

function enrollee(name: string, finger: Finger): Enrollee {
  return { name, touches: [1, 2, 3, 4].map((number) => () => Promise.resolve(press(finger, number))) };
}

function openTerminal(context: TestContext): { directory: string; gallery: Gallery; recognizer: FusedRecognizer } {
  const directory = scratch(context);
  const gallery = openGalleryIn(directory);
  context.after(() => {
    gallery.close();
  });
  return { directory, gallery, recognizer: new FusedRecognizer({ gallery, calibration, budget: DEFAULT_BUDGET }) };
}

async function enrol(
  parts: { gallery: Gallery; recognizer: FusedRecognizer },
  ...enrollees: Enrollee[]
): Promise<{ reports: Report[]; refusals: readonly object[] }> {
  const reports: Report[] = [];
  const station = { ...parts, commit: (report: Report) => reports.push(report) };
  const refusals = await enrolEnrollees(station, { enrollees }, new AbortController().signal, () => undefined);
  return { reports, refusals };
}

async function touch(recognizer: FusedRecognizer, finger: Finger, number: number): Promise<Recognition> {
  const extracted = await recognizer.features(press(finger, number));
  assert.ok(extracted.kind === 'features');
  return recognizer.decide(extracted.features);
}

describe('recognition at the terminal', () => {
  test('the enrolled are granted by name, strangers denied, and the figures say why', async (context) => {
    const parts = openTerminal(context);
    const { reports, refusals } = await enrol(parts, enrollee('Ada', ada), enrollee('Béla', bela));
    assert.deepEqual(refusals, []);
    assert.deepEqual(
      reports.map(({ type, data }) => [type, data]),
      [1, 2].map(() => ['whorl.person.enrolled', { finger: 'unknown', touches: 4 }]),
    );
    for (const [finger, name] of [
      [ada, 'Ada'],
      [bela, 'Béla'],
    ] as const) {
      const verdict = await touch(parts.recognizer, finger, 7);
      assert.ok(verdict.kind === 'recognised' && verdict.person.name === name);
      assert.ok((verdict.figures.llr ?? 0) >= verdict.figures.threshold);
    }
    const denied = await touch(parts.recognizer, stranger, 7);
    assert.ok(denied.kind === 'denied' && denied.reason === 'not-recognised');
    assert.ok((denied.figures.llr ?? 0) < denied.figures.threshold);
  });

  test('a finger that is enrolled already is not enrolled again under another name', async (context) => {
    const parts = openTerminal(context);
    const { refusals } = await enrol(parts, enrollee('Ada', ada), enrollee('Eve', ada));
    assert.deepEqual(refusals, [{ name: 'Eve', reason: 'duplicate' }]);
    assert.deepEqual(
      parts.gallery.contents().people.map(({ name }) => name),
      ['Ada'],
    );
  });

  test('a touch of another finger is left out of an enrolment', async (context) => {
    const parts = openTerminal(context);
    const mixed = enrollee('Ada', ada);
    const touches = [...mixed.touches.slice(0, 3), () => Promise.resolve(press(stranger, 4))];
    const { reports, refusals } = await enrol(parts, { name: 'Ada', touches });
    assert.deepEqual(refusals, []);
    assert.deepEqual(
      reports.map(({ data }) => data),
      [{ finger: 'unknown', touches: 3 }],
    );
  });

  test('whoever another process enrols or erases is known or unknown at the very next touch', async (context) => {
    const parts = openTerminal(context);
    const nobody = await touch(parts.recognizer, ada, 7);
    assert.ok(nobody.kind === 'denied' && nobody.reason === 'nobody-enrolled' && nobody.figures.llr === undefined);

    const elsewhere = openGalleryIn(parts.directory);
    context.after(() => {
      elsewhere.close();
    });
    await enrol({ ...parts, gallery: elsewhere }, enrollee('Ada', ada));
    assert.equal((await touch(parts.recognizer, ada, 7)).kind, 'recognised');
    const [{ id }] = elsewhere.contents().people;
    elsewhere.erasePerson(id);
    assert.equal((await touch(parts.recognizer, ada, 7)).kind, 'denied');
  });

  test('an empty plate is a retry, not a touch', async (context) => {
    const { recognizer } = openTerminal(context);
    const blank = { width: 300, height: 300, dpi: 500, pixels: new Uint8Array(300 * 300).fill(230) };
    assert.equal((await recognizer.features(blank)).kind, 'retry');
  });

  test('only one terminal runs on a state directory at a time', (context) => {
    const path = join(scratch(context), 'terminal.lock');
    const release = claim(path, 'terminal.already-running', 'it runs');
    assert.throws(() => claim(path, 'terminal.already-running', 'it runs'), { code: 'terminal.already-running' });
    release();
    claim(path, 'terminal.already-running', 'it runs')();
  });
});
