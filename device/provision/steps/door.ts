import { once } from 'node:events';
import { INPUTS, type Input } from '../../door/board.ts';
import type { DoorChange } from '../../door/door.ts';
import { WhorlError } from '../../errors.ts';
import { askUntil, type Dialogue } from '../dialogue.ts';
import type { Finding, Step } from '../step.ts';
import type { Workbench } from '../workbench.ts';

/** How long the board may take to answer. */
const BOARD_MS = 15_000;
/** Long enough to walk through: a door that is opened after it was locked would be a forced one. */
const WALK_MS = 30_000;

const NAMES: Readonly<Record<Input, string>> = {
  contact: 'door contact',
  exit: 'exit button',
  tamper: 'tamper switch',
  fire: 'fire panel',
};

/** What is done to each input, and what the door tells of it. */
interface Trial {
  readonly ask: string;
  readonly told: (change: DoorChange) => boolean;
}

const TRIALS: Readonly<Record<Input, readonly Trial[]>> = {
  contact: [
    { ask: 'The door is unlocked now. Open it.', told: ({ kind }) => kind === 'opened' },
    { ask: 'Close the door.', told: ({ kind }) => kind === 'closed' },
  ],
  exit: [{ ask: 'Press the exit button.', told: ({ kind }) => kind === 'exit-requested' }],
  tamper: [
    { ask: 'Open the case, or press the tamper switch.', told: (change) => change.kind === 'tamper' && change.active },
    { ask: 'Close the case again.', told: (change) => change.kind === 'tamper' && !change.active },
  ],
  fire: [
    { ask: 'Let the fire panel give its signal.', told: (change) => change.kind === 'fire' && change.active },
    { ask: 'End the fire panel’s signal.', told: (change) => change.kind === 'fire' && !change.active },
  ],
};

export const doorStep: Step = {
  id: 'door',
  title: 'Door wiring',
  purpose: 'Lock, lamps, buzzer and every input do what they should, each on its pin.',
  async run(bench, dialogue, signal) {
    const { door } = bench.config;
    if (door.board === 'simulated') dialogue.say('the door is simulated: nothing is wired, and nothing will open');
    for (const line of wiringInWords(bench)) dialogue.say(line);
    if (!(await boardAnswers(bench, signal)))
      return { findings: [{ mark: 'act', words: `${door.board} does not answer: check its cable and power` }] };
    const findings: Finding[] = [
      door.board === 'simulated'
        ? { mark: 'note', words: 'the door is simulated' }
        : { mark: 'good', words: `${door.board} answers` },
    ];
    findings.push(...(await tryLamps(bench, dialogue, signal)), await tryLock(bench, dialogue, signal));
    for (const input of INPUTS) findings.push(await tryInput(input, bench, dialogue, signal));
    return { findings };
  },
};

function wiringInWords({ config: { door } }: Workbench): string[] {
  const { relay, lamp, buzzer } = door;
  const outputs: readonly [string, number | undefined][] = [
    ['green lamp', lamp.green],
    ['red lamp', lamp.red],
    ['buzzer', buzzer],
  ];
  return [
    `pin ${relay.line}: relay of the lock, energised by a ${relay.active} level, fail-${door.lock}`,
    ...outputs.map(([name, line]) => (line === undefined ? `${name}: not wired` : `pin ${line}: ${name}`)),
    ...INPUTS.map((input) => {
      const { line, wired } = door[input];
      return wired === 'none' ? `${NAMES[input]}: not wired` : `pin ${line}: ${NAMES[input]}, ${wired}`;
    }),
  ];
}

async function boardAnswers({ door, happenings }: Workbench, signal: AbortSignal): Promise<boolean> {
  const patience = AbortSignal.timeout(BOARD_MS);
  try {
    while (door.status.board !== 'ready')
      await once(happenings, 'door', { signal: AbortSignal.any([signal, patience]) });
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

async function tryLamps({ config, door }: Workbench, dialogue: Dialogue, signal: AbortSignal): Promise<Finding[]> {
  const { lamp, buzzer } = config.door;
  const wired = [
    ...(lamp.green === undefined ? [] : [`green lamp (pin ${lamp.green})`]),
    ...(lamp.red === undefined ? [] : [`red lamp (pin ${lamp.red})`]),
    ...(buzzer === undefined ? [] : [`buzzer (pin ${buzzer})`]),
  ];
  if (wired.length === 0) return [{ mark: 'note', words: 'neither lamps nor a buzzer are wired' }];
  const words = wired.join(', ');
  for (;;) {
    door.signal('test');
    const { choice } = await dialogue.ask(
      {
        text: `Each in turn, for a moment: ${words}. Did all of them?`,
        choices: [
          { id: 'yes', label: 'All of them' },
          { id: 'again', label: 'Show again' },
          { id: 'no', label: 'Not all' },
        ],
      },
      signal,
    );
    if (choice === 'yes') return [{ mark: 'good', words: `${words}: seen and heard` }];
    if (choice === 'no') return [{ mark: 'act', words: `${words}: not all of them work` }];
  }
}

async function tryLock(bench: Workbench, dialogue: Dialogue, signal: AbortSignal): Promise<Finding> {
  const { line } = bench.config.door.relay;
  const { unlockMs } = bench.config.door;
  for (;;) {
    const { choice: begin } = await dialogue.ask(
      {
        text: `The lock (pin ${line}) is released for ${unlockMs / 1_000} s. Stand at the door and do not open it.`,
        choices: [
          { id: 'unlock', label: 'Release the lock' },
          { id: 'skip', label: 'Leave it out' },
        ],
      },
      signal,
    );
    if (begin === 'skip') return { mark: 'act', words: `lock on pin ${line}: not tried` };
    const refused = await unlock(bench, unlockMs);
    if (refused !== undefined) return refused;
    const { choice } = await dialogue.ask(
      {
        text: 'Was the lock released, and did it lock again by itself?',
        choices: [
          { id: 'yes', label: 'Released and locked' },
          { id: 'again', label: 'Once more' },
          { id: 'no', label: 'No' },
        ],
      },
      signal,
    );
    if (choice === 'yes')
      return { mark: 'good', words: `lock on pin ${line}: released for ${unlockMs / 1_000} s and locked` };
    if (choice === 'no') return { mark: 'act', words: `lock on pin ${line}: does not release and lock` };
  }
}

/** An operator's order, as from the command line: an event before the door moves. */
async function unlock({ door, operator, commit }: Workbench, ms: number): Promise<Finding | undefined> {
  commit({ type: 'whorl.door.commanded', data: { operator, command: 'open' } });
  try {
    await door.unlock(ms, 'operator');
    return undefined;
  } catch (error) {
    if (!(error instanceof WhorlError)) throw error;
    return { mark: 'act', words: `the lock was not released: ${error.message}` };
  }
}

async function tryInput(input: Input, bench: Workbench, dialogue: Dialogue, signal: AbortSignal): Promise<Finding> {
  const { line, wired } = bench.config.door[input];
  const name = NAMES[input];
  if (wired === 'none') return { mark: 'note', words: `${name}: not wired` };
  if (input === 'contact') {
    const refused = await unlock(bench, WALK_MS);
    if (refused !== undefined) return refused;
  }
  for (const { ask, told } of TRIALS[input]) {
    const answer = await askUntil(
      dialogue,
      { text: `${ask} (pin ${line}, ${wired})`, choices: [{ id: 'nothing', label: 'I did, and nothing happens' }] },
      (until) => seen(bench, told, until),
      signal,
    );
    if (answer !== undefined)
      return { mark: 'act', words: `${name} on pin ${line} (${wired}): nothing came of it, check its wires` };
    dialogue.say(`${name}, pin ${line}: seen`);
  }
  return { mark: 'good', words: `${name} on pin ${line} (${wired}): seen` };
}

/** Several changes may be told in one breath: none must be missed. */
function seen({ happenings }: Workbench, told: Trial['told'], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = (): void => {
      happenings.off('door', listen);
      signal.removeEventListener('abort', withdraw);
    };
    const listen = (change: DoorChange): void => {
      if (!told(change)) return;
      over();
      resolve();
    };
    const withdraw = (): void => {
      over();
      reject(signal.reason as Error);
    };
    happenings.on('door', listen);
    signal.addEventListener('abort', withdraw, { once: true });
  });
}
