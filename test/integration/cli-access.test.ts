import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { readRules } from '../../device/access/rules-file.ts';
import { openGalleryIn } from '../../device/gallery/open-in-directory.ts';
import type { Pass } from '../../device/gallery/pass.ts';
import { runCommands, waitingEvents } from '../support/command-batch.ts';
import { scratch } from '../support/scratch.ts';

interface Answer {
  readonly id?: string;
  readonly pass?: Pass;
  readonly version?: number;
  readonly versions?: readonly { readonly version: number; readonly operator: string; readonly inForce: boolean }[];
  readonly text?: string;
  readonly withoutGroup?: readonly { readonly name: string }[];
  readonly verdict?: 'pass' | 'stop';
  readonly reason?: string;
  readonly at?: string;
  readonly next?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

const OFFICE = `version: 1
zone: Europe/Zurich
ungrouped: staff
holidays: { swiss: [01-01, 12-25] } # of the canton
schedules:
  office: { periods: [mon-fri 08:00-18:00], holidays: { swiss: [] } }
groups:
  staff: { when: [office] }
  guards: { when: always }
`;

/** A state directory, and what its command lines answer one after the other. */
function house(context: TestContext): {
  at: (name: string) => string;
  file: (name: string, text: string) => string;
  run: (...commands: (readonly string[])[]) => Promise<Answer[]>;
} {
  const folder = scratch(context);
  const at = (name: string): string => join(folder, name);
  return {
    at,
    file: (name, text) => {
      writeFileSync(at(name), text);
      return at(name);
    },
    run: (...commands) =>
      runCommands<Answer>(commands.map((words) => [...words, '--state', at('state')] satisfies string[])),
  };
}

describe('whorl people', () => {
  test('adds, groups, blocks, limits and marks, each with an event that names operator and person', async (context) => {
    const { at, file, run } = house(context);
    const by = ['--operator', 'Zoe'];
    const [added, ...rest] = await run(
      ['people', 'add', 'Ann', '--external-id', '77', ...by],
      ['rules', 'import', file('office.yaml', OFFICE), ...by],
      ['people', 'group', '77', 'staff', 'guards', ...by],
      ['people', 'block', 'Ann', ...by],
      ['people', 'unblock', 'Ann', ...by],
      ['people', 'valid', 'Ann', '--from', '2026-12-01', '--until', '2026-12-24T18:00', ...by],
      ['people', 'opening', 'Ann', 'long', ...by],
      ['people', 'finger', 'Ann', 'left-index', '--duress', 'yes', ...by],
      ['people', 'show', 'Ann'],
    );
    const pass = {
      groups: ['staff', 'guards'],
      validFrom: '2026-12-01',
      validUntil: '2026-12-24T18:00',
      duress: ['left-index'],
      extendedOpening: true,
    };
    assert.deepEqual(rest.at(-1)?.pass, pass);
    const cleared = await run(
      ['people', 'finger', 'Ann', 'left-index', '--duress', 'no', ...by],
      ['people', 'opening', 'Ann', 'usual', ...by],
      ['people', 'valid', 'Ann', ...by],
      ['people', 'group', 'Ann', ...by],
      ['people', 'forgive', 'Ann', ...by],
      ['people', 'forgive', '--all', ...by],
    );
    assert.deepEqual(cleared[3].pass, {});
    const events = waitingEvents(at('state'));
    assert.deepEqual(
      events.map(({ type, data }) => ('change' in data ? data.change : type)),
      [
        ...['whorl.person.added', 'whorl.rules.imported', 'groups', 'blocked', 'unblocked', 'validity', 'opening'],
        ...['fingers', 'fingers', 'opening', 'validity', 'groups', 'whorl.access.forgiven', 'whorl.access.forgiven'],
      ],
    );
    for (const { type, subject, data } of events.slice(0, -1)) {
      assert.ok('operator' in data && data.operator === 'Zoe');
      assert.equal(subject, type === 'whorl.rules.imported' ? undefined : added.id);
    }
    assert.ok(!JSON.stringify(events).includes('left-index'), 'no event tells of a duress finger');
  });

  test('refuses what cannot be, with a code, and changes and reports nothing', async (context) => {
    const { at, run } = house(context);
    const answers = await run(
      ['people', 'add', 'Ann'],
      ['people', 'add', 'Bob', '--group', 'nobodies'],
      ['people', 'group', 'Ann', 'nobodies'],
      ['people', 'valid', 'Ann', '--until', '2026-02-29'],
      ['people', 'block', 'Carl'],
      ['people', 'finger', 'Ann', 'unknown', '--duress', 'yes'],
      ['people', 'finger', 'Ann', 'left-index'],
      ['people', 'forgive'],
      ['people', 'block', 'Ann', '--operator', ' '],
      ['people', 'show', 'Ann'],
    );
    assert.deepEqual(
      answers.slice(1, -1).map(({ error }) => error?.code),
      [
        ...['access.unknown-group', 'access.unknown-group', 'access.pass-invalid', 'gallery.unknown-person'],
        ...['cli.usage', 'cli.usage', 'cli.usage', 'cli.usage'],
      ],
    );
    assert.match(answers[1].error?.message ?? '', /"nobodies".*everybody/);
    assert.deepEqual(answers.at(-1)?.pass, {});
    assert.deepEqual(
      waitingEvents(at('state')).map(({ type }) => type),
      ['whorl.person.added'],
    );
  });

  test('a change whose event no disk takes is not made', async (context) => {
    const { at, file, run } = house(context);
    await run(['people', 'add', 'Ann']);
    writeFileSync(at('state/outbox.sqlite'), 'no outbox');
    const [blocked, imported, added, shown] = await run(
      ['people', 'block', 'Ann'],
      ['rules', 'import', file('office.yaml', OFFICE)],
      ['people', 'add', 'Bob'],
      ['people', 'show', 'Ann'],
    );
    for (const { error } of [blocked, imported, added]) assert.match(error?.code ?? '', /^events\./);
    assert.deepEqual(shown.pass, {});
    const gallery = openGalleryIn(at('state'));
    context.after(() => {
      gallery.close();
    });
    assert.deepEqual([gallery.rulesVersion, gallery.contents().people.length], [0, 1]);
  });
});

describe('whorl rules', () => {
  test('check tells whether, why not, and when next', async (context) => {
    const { file, run } = house(context);
    const check = (at: string, ...words: string[]): string[] => ['rules', 'check', 'Ann', '--at', at, ...words];
    const [, , monday, sunday, christmas, last, over, spring, guard, draft, never, bad] = await run(
      ['people', 'add', 'Ann'],
      ['rules', 'import', file('office.yaml', OFFICE)],
      check('2026-11-30T08:00'),
      check('sunday 6'),
      check('2026-12-25 09:00'),
      check('2026-11-30T17:59'),
      check('2026-11-30T18:00'),
      // 02:30 does not come on that day: the clock goes from 2 to 3.
      check(
        '2027-03-28T02:30',
        '--rules',
        file('night.yaml', OFFICE.replace('mon-fri 08:00-18:00', 'daily 03:00-04:00')),
      ),
      check('sunday 6', '--rules', file('guards.yaml', OFFICE.replace('ungrouped: staff', 'ungrouped: guards'))),
      check('sunday 6', '--rules', file('broken.yaml', 'groups: [')),
      ['rules', 'check', 'Nobody'],
      check('someday'),
    );
    assert.deepEqual([monday.verdict, monday.at], ['pass', '2026-11-30T07:00:00.000Z']);
    assert.deepEqual([sunday.verdict, sunday.reason], ['stop', 'outside-schedule']);
    assert.equal(new Date(sunday.next ?? '').getUTCDay(), 1, 'the next time is Monday');
    assert.deepEqual([christmas.reason, christmas.next], ['holiday', '2026-12-28T07:00:00.000Z']);
    assert.deepEqual([last.verdict, over.reason], ['pass', 'outside-schedule']);
    assert.deepEqual([spring.verdict, spring.at], ['pass', '2027-03-28T01:30:00.000Z']);
    assert.equal(guard.verdict, 'pass');
    assert.deepEqual(
      [draft, never, bad].map(({ error }) => error?.code),
      ['access.rules-malformed', 'gallery.unknown-person', 'cli.usage'],
    );
  });

  test('import, export and history keep every version, comments and all, and name who wrote it', async (context) => {
    const { at, file, run } = house(context);
    const [ann, first, all, rules, second, again, back, history, shown] = await run(
      ['people', 'add', 'Ann', '--operator', 'Zoe'],
      ['rules', 'import', file('office.yaml', OFFICE), '--operator', 'Zoe'],
      ['rules', 'export', at('all.yaml'), '--people'],
      ['rules', 'export'],
      ['rules', 'import', file('people.yaml', `${OFFICE}people: { Ann: { groups: [guards] } }\n`), '--operator', 'Yan'],
      ['rules', 'export', at('all.yaml')],
      ['rules', 'export', at('back.yaml'), '--version', '1'],
      ['rules', 'history'],
      ['people', 'show', 'Ann'],
    );
    assert.deepEqual([first.version, second.version, all.version, back.version], [1, 2, 1, 1]);
    assert.equal(again.error?.code, 'cli.unwritable-file', 'no file is overwritten');
    assert.equal(statSync(at('all.yaml')).mode & 0o077, 0);
    assert.match(rules.text ?? '', /# of the canton/);
    assert.deepEqual(
      history.versions?.map(({ version, operator, inForce }) => [version, operator, inForce]),
      [
        [1, 'Zoe', false],
        [2, 'Yan', true],
      ],
    );
    assert.deepEqual(shown.pass, { groups: ['guards'] });
    const { text } = readRules(readFileSync(at('back.yaml'), 'utf8'));
    const [restored, now] = await run(['rules', 'import', at('back.yaml')], ['rules', 'show']);
    assert.equal(restored.version, 3);
    assert.equal(now.text, text);
    assert.ok(!text.includes('people') && !text.includes('basedOn'));
    const events = waitingEvents(at('state')).filter(({ type }) => type === 'whorl.rules.imported');
    assert.deepEqual(events.map(({ data }) => data).slice(0, 2), [
      { operator: 'Zoe', version: 1, people: 0 },
      { operator: 'Yan', version: 2, people: 1 },
    ]);
    assert.ok(ann.id !== undefined);
  });

  test('rules that cannot be are refused by line and field, and those in force stay', async (context) => {
    const { at, file, run } = house(context);
    const faulty: Readonly<Record<string, readonly [yaml: string, code: string, message: RegExp]>> = {
      'no YAML': [`${OFFICE}groups: [`, 'access.rules-malformed', /line 10/],
      'a number': ['7', 'access.rules-invalid', /line 1/],
      'an unknown group': [`${OFFICE}people: { Ann: { groups: [ghosts] } }`, 'access.rules-invalid', /line 10.*ghosts/],
      'an unknown person': [`${OFFICE}people: { Carl: {} }`, 'gallery.unknown-person', /Carl/],
      'somebody twice': [`${OFFICE}people: { Ann: {}, a1: {} }`, 'access.pass-invalid', /twice/],
      'an unknown list': [
        OFFICE.replace('holidays: { swiss: [] }', 'holidays: { french: [] }'),
        'access.rules-invalid',
        /french/,
      ],
      'a zone that is none': [OFFICE.replace('Zurich', 'Zürich'), 'access.rules-invalid', /line 2, zone/],
      'a schedule in a wrong zone': [
        OFFICE.replace('office: {', 'office: { zone: CET+1,'),
        'access.rules-invalid',
        /line 6, schedules.office.zone/,
      ],
      'a day that the calendar lacks': [OFFICE.replace('12-25', '02-30'), 'access.rules-invalid', /line 4.*holidays/],
      'a newer version': [OFFICE.replace('version: 1', 'version: 2'), 'access.rules-newer', /update/],
    };
    const imports = Object.values(faulty).map(([yaml], index) => ['rules', 'import', file(`${index}.yaml`, yaml)]);
    const [, , ...answers] = await run(
      ['people', 'add', 'Ann', '--external-id', 'a1'],
      ['rules', 'import', file('office.yaml', OFFICE)],
      ...imports,
      ['rules', 'show'],
    );
    for (const [index, [name, [, code, message]]] of Object.entries(faulty).entries()) {
      const { code: told, message: words = '' } = answers[index].error ?? {};
      assert.equal(told, code, name);
      assert.match(words, message, name);
    }
    assert.deepEqual([answers.at(-1)?.version, answers.at(-1)?.text], [1, OFFICE]);
    assert.equal(waitingEvents(at('state')).length, 2);
  });

  test('people whom new rules leave without a group are told', async (context) => {
    const { file, run } = house(context);
    const [, , imported] = await run(
      ['people', 'add', 'Ann'],
      ['people', 'add', 'Bob', '--group', 'everybody'],
      ['rules', 'import', file('office.yaml', OFFICE)],
    );
    assert.deepEqual(
      imported.withoutGroup?.map(({ name }) => name),
      ['Bob'],
    );
  });

  test('of two who edit the same rules the second is refused, and nothing of the first is lost', async (context) => {
    const { at, run } = house(context);
    const edit = (name: string): void => {
      writeFileSync(at(name), readFileSync(at(name), 'utf8').replace('UTC', 'Europe/Paris'));
    };
    await run(['people', 'add', 'Ann'], ['rules', 'export', at('a.yaml')], ['rules', 'export', at('b.yaml')]);
    edit('a.yaml');
    const [first, second, people] = await run(
      ['rules', 'import', at('a.yaml'), '--operator', 'Zoe'],
      ['rules', 'import', at('b.yaml')],
      ['rules', 'export', at('people.yaml'), '--people'],
    );
    assert.deepEqual([first.version, second.error?.code, people.version], [1, 'access.rules-changed', 1]);
    assert.match(second.error?.message ?? '', /version 1, by Zoe/);
    const [, refused, shown, wanted, open] = await run(
      ['people', 'block', 'Ann'],
      ['rules', 'import', at('people.yaml')],
      ['people', 'show', 'Ann'],
      ['rules', 'import', at('people.yaml'), '--overwrite'],
      ['rules', 'show'],
    );
    assert.equal(refused.error?.code, 'access.rules-changed', 'an old export unblocks nobody');
    assert.deepEqual(shown.pass, { blocked: true });
    assert.equal(wanted.version, 2);
    assert.match(open.text ?? '', /Europe\/Paris/);
  });

  test('imports at the same moment are versions one after the other', async (context) => {
    const { at, file, run } = house(context);
    await run(['people', 'add', 'Ann']);
    const files = [1, 2, 3].map((index) => file(`${index}.yaml`, OFFICE.replace('canton', `canton ${index}`)));
    const answers = await Promise.all(files.map((path) => run(['rules', 'import', path], ['rules', 'import', path])));
    assert.deepEqual(
      answers
        .flat()
        .map(({ version }) => version)
        .sort(),
      [1, 2, 3, 4, 5, 6],
    );
    const [history] = await run(['rules', 'history']);
    assert.equal(history.versions?.length, 6);
    const told = waitingEvents(at('state')).map(({ data }) => ('version' in data ? data.version : undefined));
    assert.deepEqual(told.slice(1).sort(), [1, 2, 3, 4, 5, 6]);
  });
});
