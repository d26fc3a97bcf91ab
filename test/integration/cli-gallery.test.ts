import assert from 'node:assert/strict';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isoRecordOf, writeIso19794 } from '../../device/minutiae/iso19794.ts';
import { runCommands, waitingEvents } from '../support/command-batch.ts';
import { jittered, randomFinger } from '../support/minutiae.ts';
import { scratch } from '../support/scratch.ts';

interface Answer {
  readonly decision?: string;
  readonly person?: { readonly id: string; readonly name: string };
  readonly people?: readonly { readonly name: string; readonly fingers: readonly { readonly templates: number }[] }[];
  readonly leftOut?: readonly { readonly file: string; readonly reason: string }[];
  readonly added?: readonly string[];
  readonly erased?: readonly unknown[];
  readonly enrolled?: number;
  readonly error?: { readonly code: string };
}

test('enrol, list, export, erase and import by the command line', async (context) => {
  const folder = scratch(context);
  const at = (name: string): string => join(folder, name);
  for (const [finger, seed] of Object.entries({ ada: 1, bob: 2, eve: 3 }))
    for (const touch of [1, 2, 3])
      writeFileSync(
        at(`${finger}_${touch}.fmr`),
        writeIso19794(isoRecordOf([{ template: jittered(randomFinger(seed, 40), touch, 1, 0.03, 0.05) }])),
      );
  writeFileSync(at('passphrase'), 'correct horse battery staple\n');
  const touches = (finger: string): string[] => [1, 2, 3].map((touch) => at(`${finger}_${touch}.fmr`));
  const state = (name: string): string[] => ['--state', at(name)];
  const enrol = (name: string, files: string[]): string[] => [
    ...['enrol', ...state('one'), '--person', name, '--finger', 'right-index'],
    ...files,
  ];
  const archive = [at('all.whorl'), '--passphrase-file', at('passphrase')];
  const iso = [at('iso'), '--format', 'iso'];

  const [ada, bob, twice, mallory, nobody, list] = await runCommands<Answer>([
    enrol('Ada', [...touches('ada'), at('eve_1.fmr')]),
    enrol('Bob', touches('bob')),
    enrol('Ada', touches('eve')),
    enrol('Mallory', touches('ada')),
    enrol('Nobody', touches('eve').slice(1)),
    ['gallery', 'list', ...state('one')],
  ]);
  assert.equal(ada.decision, 'enrolled');
  assert.deepEqual(ada.leftOut, [{ file: at('eve_1.fmr'), reason: 'unlike-the-others' }]);
  assert.deepEqual(
    [bob, twice, mallory, nobody].map(({ decision }) => decision),
    ['enrolled', 'already-enrolled', 'duplicate', 'retry'],
  );
  assert.deepEqual(
    list.people?.map(({ name, fingers }) => [name, fingers.map(({ templates }) => templates)]),
    [
      ['Ada', [3]],
      ['Bob', [3]],
    ],
  );

  const [saved, savedIso, savedTwice, unconfirmed, erasure, back, gone, copied, imported, importedTwice] =
    await runCommands<Answer>([
      ['gallery', 'export', ...archive, ...state('one')],
      ['gallery', 'export', ...iso, ...state('one')],
      ['gallery', 'export', ...iso, ...state('one')],
      ['gallery', 'erase', 'Ada', ...state('one')],
      ['gallery', 'erase', 'Ada', '--yes', ...state('one')],
      ['gallery', 'import', ...archive, ...state('one')],
      ['gallery', 'show', 'Ada', ...state('one')],
      ['gallery', 'import', ...archive, ...state('two')],
      ['gallery', 'import', at('iso'), ...state('three')],
      ['gallery', 'import', at('iso'), ...state('three')],
    ]);
  assert.equal(saved.error, undefined);
  assert.equal(statSync(at('all.whorl')).mode & 0o077, 0);
  assert.equal(savedIso.error, undefined);
  assert.equal(readdirSync(at('iso')).length, 3);
  assert.equal(savedTwice.error?.code, 'cli.unwritable-file');
  assert.equal(unconfirmed.error?.code, 'cli.usage');
  assert.equal(erasure.erased?.length, 1);
  assert.deepEqual([back.added, back.erased], [[], [ada.person?.id]]);
  assert.equal(gone.error?.code, 'gallery.unknown-person');
  assert.deepEqual(
    waitingEvents(at('one')).map(({ type }) => type),
    ['whorl.person.enrolled', 'whorl.person.enrolled', 'whorl.person.erased'],
  );
  assert.equal(copied.added?.length, 2);
  assert.deepEqual([imported.enrolled, importedTwice.enrolled], [2, 0]);
});
