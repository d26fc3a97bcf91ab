import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { drawFolder } from '../support/artificial-folder.ts';
import type { CommandLineResult } from '../support/command-line-child.ts';
import { scratch } from '../support/scratch.ts';

const COMMAND_LINES = 2_000;
const HANG_MS = 60_000;
const CHILD = new URL('../support/command-line-child.ts', import.meta.url);

const FILES = [
  'prints/1_1.png',
  'prints/2_1.png',
  'prints/2_2.png',
  'broken.png',
  'short.iso',
  'config.json',
  'rules.yaml',
  'absent',
];
const FOLDERS = ['prints', 'empty', 'absent', 'prints/1_1.png', '/dev/null/x'];
const NUMBERS = ['0', '1', '2', '500', '-1', '1.5', '1e9', 'NaN', '65536', '99999999999999999999', ''];
const NAMES = ['Ada', 'état', '👆', '', ' ', '__proto__', 'a'.repeat(5_000), '%s%n', '\n', '\u0000'];
const IMAGE = { '--dpi': NUMBERS, '--polarity': ['dark', 'light', 'x'], '--raw': ['256x288', '0x0', 'x', '1x1'] };
const STATE = { '--state': ['state', 'other', 'empty', 'short.iso', '/dev/null/x'], '--config': FILES };
const FINGER = { '--finger': ['left-index', 'unknown', 'nose'] };
const CALIBRATION = { '--calibration': FILES };
const SENSORS = ['folder:prints', 'folder:empty', 'folder:', 'folder', 'usb:1', '__proto__:x'];
const BROKERS = ['mqtt://', 'http://x', 'localhost', '', 'mqtt://a b'];
const OPERATOR = { '--operator': NAMES };
const TIMES = [
  '6',
  'sunday 6:00',
  '25:00',
  '2026-02-29',
  '2026-12-24',
  '2026-12-24T18:00',
  '9999-99-99T99:99',
  'x',
  '',
];
const PASSPHRASE = { '--passphrase-file': FILES };

/** What each command is made of: the kinds of its operands, and its options with what may follow them. */
const GRAMMAR: Readonly<Record<string, { operands: string[][]; options: Readonly<Record<string, string[]>> }>> = {
  // A terminal runs until its touches are done, so it is given a folder that has some.
  'start --sensor folder:prints --touches 2': {
    operands: [],
    options: {
      '--sensor': SENSORS,
      '--touches': NUMBERS,
      '--broker': BROKERS,
      '--broker-port': NUMBERS,
      ...STATE,
      '--device': NAMES,
      '--seed': NUMBERS,
    },
  },
  extract: {
    operands: [FILES],
    options: {
      ...IMAGE,
      '--format': ['iso', 'ansi', 'whorl', 'json', 'x'],
      '--out': ['out.bin', '/dev/null/x'],
      '--overlay': ['o.png', 'o.svg', 'o.x'],
    },
  },
  compare: {
    operands: [FILES, FILES],
    options: { ...IMAGE, ...CALIBRATION, '--explain': ['e.png', 'e.svg', 'e.x', '/dev/null/x.png'] },
  },
  identify: { operands: [FILES], options: { ...IMAGE, ...STATE, ...CALIBRATION, '--explain': [] } },
  'verify --person Ada': { operands: [FILES], options: { ...IMAGE, ...STATE, '--person': NAMES, '--explain': [] } },
  'enrol --person Ada --finger left-index': {
    operands: [FILES, FILES, FILES],
    options: {
      ...IMAGE,
      ...STATE,
      ...FINGER,
      ...CALIBRATION,
      '--person': NAMES,
      '--external-id': NAMES,
      '--replace': [],
    },
  },
  'gallery list': { operands: [], options: STATE },
  'gallery show': { operands: [NAMES], options: STATE },
  'gallery erase --yes': { operands: [NAMES], options: { ...STATE, ...FINGER } },
  'gallery export': {
    operands: [['target', 'prints', '/dev/null/x']],
    options: { ...STATE, ...PASSPHRASE, '--format': ['whorl', 'iso', 'x'], '--person': NAMES },
  },
  'gallery import': { operands: [[...FILES, ...FOLDERS]], options: { ...STATE, ...PASSPHRASE } },
  'door status': { operands: [], options: STATE },
  'door open': { operands: [], options: { ...STATE, ...OPERATOR, '--for': NUMBERS, '--hold': [] } },
  'door lockdown': { operands: [], options: { ...STATE, ...OPERATOR, '--end': [] } },
  'people list': { operands: [], options: STATE },
  'people show': { operands: [NAMES], options: STATE },
  'people add': {
    operands: [NAMES],
    options: { ...STATE, ...OPERATOR, '--external-id': NAMES, '--group': ['everybody', 'staff', ...NAMES] },
  },
  'people group': { operands: [NAMES, ['everybody', 'staff', ...NAMES]], options: { ...STATE, ...OPERATOR } },
  'people block': { operands: [NAMES], options: { ...STATE, ...OPERATOR } },
  'people unblock': { operands: [NAMES], options: { ...STATE, ...OPERATOR } },
  'people valid': { operands: [NAMES], options: { ...STATE, ...OPERATOR, '--from': TIMES, '--until': TIMES } },
  'people opening': { operands: [NAMES, ['long', 'usual', 'x']], options: { ...STATE, ...OPERATOR } },
  'people finger': {
    operands: [NAMES, ['left-index', 'unknown', 'nose']],
    options: { ...STATE, ...OPERATOR, '--duress': ['yes', 'no', 'x'] },
  },
  'people forgive': { operands: [NAMES], options: { ...STATE, ...OPERATOR, '--all': [] } },
  'rules show': { operands: [], options: { ...STATE, '--version': NUMBERS } },
  'rules history': { operands: [], options: STATE },
  'rules export': {
    operands: [['new.yaml', 'prints', '/dev/null/x']],
    options: { ...STATE, '--version': NUMBERS, '--people': [] },
  },
  'rules import': { operands: [FILES], options: { ...STATE, ...OPERATOR, '--overwrite': [] } },
  'rules check': { operands: [NAMES], options: { ...STATE, '--at': TIMES, '--rules': FILES } },
  evaluate: {
    operands: [FOLDERS],
    options: {
      '--dpi': NUMBERS,
      '--matchers': ['minutiae', 'x', ''],
      '--pairs': ['p.csv', '/dev/null/x'],
      '--plot': ['d.png', '/dev/null/x'],
    },
  },
  // These work for minutes when nothing is wrong, so something is.
  'bench --no-such-option': { operands: [], options: {} },
  'calibrate --no-such-option': { operands: [['scores'], FOLDERS], options: {} },
  'synthesize --no-such-option': { operands: [], options: { '--fingers': NUMBERS, '--seed': NUMBERS } },
  '': { operands: [], options: { '--version': [], '--help': [] } },
};

const junk = fc.oneof(
  fc.constantFrom(
    '--json',
    '--help',
    '-h',
    '--',
    '-',
    '---',
    '-x',
    '--=',
    '--json=1',
    '--__proto__',
    '$(id)',
    '*',
    ...NAMES,
  ),
  fc
    .string({ maxLength: 12 })
    .filter((text) => !/[/\\.~]/.test(text) && !Object.hasOwn(GRAMMAR, text) && text !== 'bench'),
);

const commandLine = fc.constantFrom(...Object.keys(GRAMMAR)).chain((command) => {
  const { operands, options } = GRAMMAR[command];
  const pairs = Object.entries(options).map(([option, values]) =>
    values.length === 0 ? fc.constant([option]) : fc.constantFrom(...values).map((value) => [option, value]),
  );
  return fc
    .tuple(
      fc.tuple(...operands.map((values) => fc.constantFrom(...values))),
      pairs.length === 0 ? fc.constant([]) : fc.array(fc.oneof(...pairs), { maxLength: 3 }),
      fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(junk, { maxLength: 2 }) }),
      fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) }),
    )
    .map(([given, chosen, noise, missing]) => [
      ...command.split(' ').filter((word) => word !== ''),
      ...given.slice(missing),
      ...chosen.flat(),
      ...noise,
    ]);
});

test(`${COMMAND_LINES} command lines: status 0, 1 or 2, and a code for whatever is wrong`, async (context) => {
  const directory = scratch(context);
  for (const folder of ['prints', 'empty']) mkdirSync(join(directory, folder));
  await drawFolder(join(directory, 'prints'), 2, 6);
  writeFileSync(join(directory, 'broken.png'), readFileSync(join(directory, 'prints/1_1.png')).subarray(0, 900));
  writeFileSync(join(directory, 'short.iso'), 'FMR\0 20\0\0\0');
  writeFileSync(join(directory, 'bad.json'), '{"door": {"unlockMs": "long"}}');
  copyFileSync(join(directory, 'bad.json'), join(directory, 'empty/config.json'));
  writeFileSync(join(directory, 'config.json'), '{"device": "fuzzed"}');
  writeFileSync(join(directory, 'rules.yaml'), 'version: 1\nzone: UTC\ngroups: { staff: { when: always } }\n');

  const child = startChild(directory);
  context.after(() => child.kill('SIGKILL'));
  const failures: string[] = [];
  const statuses = new Map<number, number>();
  for (const argv of fc.sample(commandLine, { numRuns: COMMAND_LINES, seed: 42 })) {
    const shown = JSON.stringify(argv).slice(0, 500);
    const result = await run(child, argv).catch((error: unknown) => {
      child.kill('SIGKILL');
      throw new Error(`${String(error)}: whorl ${shown}\n${failures.join('\n')}`);
    });
    const fault = faultOf(result);
    if (fault !== undefined)
      failures.push(
        `${fault}: whorl ${shown} gave ${result.status}: ${result.output.slice(-300)}${result.errors.slice(-300)}`,
      );
    statuses.set(result.status, (statuses.get(result.status) ?? 0) + 1);
  }
  assert.equal(failures.length, 0, failures.join('\n'));
  assert.deepEqual([...statuses.keys()].sort(), [0, 1, 2], 'lines of every kind were among them');
  context.diagnostic([...statuses].map(([status, count]) => `status ${status}: ${count}`).join(', '));
});

function startChild(cwd: string): ChildProcess {
  return fork(CHILD, {
    cwd,
    execArgv: ['--import', import.meta.resolve('tsx')],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

async function run(child: ChildProcess, argv: readonly string[]): Promise<CommandLineResult> {
  const over = new AbortController();
  const { signal } = over;
  const hang = setTimeout(() => {
    over.abort(new Error('it hangs'));
  }, HANG_MS);
  try {
    const ended = once(child, 'exit', { signal }).then(() => {
      throw new Error('it crashed');
    });
    const answered = once(child, 'message', { signal });
    child.send(argv);
    const [result] = (await Promise.race([answered, ended])) as [CommandLineResult];
    ended.catch(() => undefined);
    return result;
  } finally {
    clearTimeout(hang);
    over.abort();
  }
}

/** What is wrong with an answer, if anything is. */
function faultOf({ status, output, errors }: CommandLineResult): string | undefined {
  if (![0, 1, 2].includes(status)) return 'a strange status';
  // Without a command the help is the answer.
  if (status === 0 || (status === 2 && errors.includes('Usage: whorl'))) return undefined;
  const said = output + errors;
  if (/\binternal\b|terminal\.unexpected|\n {4}at /.test(said)) return 'an error that nobody foresaw';
  if (!/\b[a-z]+\.[a-z]+(-[a-z0-9]+)*\b/.test(said)) return 'no code';
  return undefined;
}
