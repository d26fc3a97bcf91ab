import { currentRules } from '../current-rules.ts';
import { problemInWords, refusalInWords, stepInWords } from '../enrolment-words.ts';
import { findPerson } from '../gallery/find-person.ts';
import { FINGER_POSITIONS, type FingerPosition } from '../gallery/finger-position.ts';
import type { Finger, Person } from '../gallery/person.ts';
import { ENROLMENT_TOUCHES, gatherTouches, type EnrolmentStep } from '../gather-touches.ts';
import { askUntil, type Dialogue, type Field, type View } from './dialogue.ts';
import type { Workbench } from './workbench.ts';

/** Who was enrolled. */
export interface Enrolled {
  /** For the screen only: what is kept names people by id. */
  readonly name: string;
  readonly person: string;
  readonly finger: FingerPosition;
  readonly touches: number;
}

/** Who is to be enrolled, as they said. */
interface Wish {
  readonly name: string;
  readonly finger: FingerPosition;
  readonly group: string;
  readonly known?: Person;
  readonly replaced?: Finger;
}

/** What is asked of the rules where a person needs no group. */
const NO_GROUP = '-';

/**
 * Leads somebody through the enrolment of a finger: who it is, their consent, and touches that are each judged at once.
 *
 * @returns undefined where nobody was enrolled
 */
export async function enrolPerson(
  bench: Workbench,
  dialogue: Dialogue,
  signal: AbortSignal,
): Promise<Enrolled | undefined> {
  const wish = await askWho(bench, dialogue, signal);
  if (wish === undefined || !(await consents(wish, dialogue, signal))) return undefined;
  try {
    return await touch(bench, wish, dialogue, signal);
  } finally {
    dialogue.show(undefined);
  }
}

async function askWho({ gallery }: Workbench, dialogue: Dialogue, signal: AbortSignal): Promise<Wish | undefined> {
  const groups = [...currentRules(gallery).groups.keys()];
  const labelled = (value: string): { value: string; label: string } => ({ value, label: value.replace('-', ' ') });
  const group: Field = {
    ...{ kind: 'choice', name: 'group', label: 'Group' },
    options: [{ value: NO_GROUP, label: 'none' }, ...groups.map((value) => ({ value, label: value }))],
  };
  for (let values: Readonly<Partial<Record<string, string>>> = {}; ;) {
    const answer = await dialogue.ask(
      {
        text: 'Who is enrolled, and by which finger?',
        fields: [
          { kind: 'text', name: 'name', label: 'Name', value: values.name ?? '', required: true },
          {
            ...{ kind: 'choice', name: 'finger', label: 'Finger', value: values.finger ?? 'right-index' },
            options: FINGER_POSITIONS.filter((position) => position !== 'unknown').map(labelled),
          },
          ...(groups.length > 0 ? [group] : []),
        ],
        choices: [
          { id: 'go', label: 'Continue' },
          { id: 'stop', label: 'Enrol nobody' },
        ],
      },
      signal,
    );
    if (answer.choice === 'stop') return undefined;
    ({ values } = answer);
    const { name } = answer.values;
    const finger = values.finger as FingerPosition;
    const known = findPerson(gallery.contents().people, name);
    const replaced = known?.fingers.find(({ position }) => position === finger);
    const wish = { name, finger, group: groups.length > 0 ? answer.values.group : NO_GROUP, ...(known && { known }) };
    if (replaced === undefined) return wish;
    const text = `${name} has a ${finger} enrolled. Shall new touches take its place?`;
    const choices = [
      { id: 'back', label: 'No, go back' },
      { id: 'replace', label: 'Replace it' },
    ];
    if ((await dialogue.ask({ text, choices }, signal)).choice === 'replace') return { ...wish, replaced };
  }
}

async function consents({ name }: Wish, dialogue: Dialogue, signal: AbortSignal): Promise<boolean> {
  const { choice } = await dialogue.ask(
    {
      text: `${name}, this board will keep a template of your finger, encrypted, to open this door. It keeps no picture. You can have it erased at any time. Do you agree?`,
      choices: [
        { id: 'agree', label: 'I agree' },
        { id: 'decline', label: 'I do not agree' },
      ],
    },
    signal,
  );
  return choice === 'agree';
}

async function touch(
  bench: Workbench,
  wish: Wish,
  dialogue: Dialogue,
  signal: AbortSignal,
): Promise<Enrolled | undefined> {
  const { gallery, recognizer, sensor, commit } = bench;
  const { comparison } = recognizer;
  const { people } = gallery.contents();
  const { name, finger, known, replaced } = wish;
  let done = 0;
  let asked = false;
  const onStep = (step: EnrolmentStep): void => {
    if (step.kind === 'taken') done = step.number;
    if (step.kind === 'begun-anew') done = 0;
    const touches = { done, of: ENROLMENT_TOUCHES };
    // What became of the last touch stays until the next one: asking again says nothing new.
    if (step.kind !== 'ask' || !asked) dialogue.show({ ...toneOf(step), words: stepInWords(step, name), touches });
    asked = true;
  };
  let gathered: Awaited<ReturnType<typeof gatherTouches>>;
  const stopped = await askUntil(
    dialogue,
    {
      text: `${name}: touch the sensor with the ${finger.replace('-', ' ')}, four times, a little differently each time.`,
      choices: [{ id: 'stop', label: 'Stop' }],
    },
    async (until) => {
      const enrolled = people;
      gathered = await gatherTouches(
        { sensor, recognizer, comparison, enrolled, ...(replaced && { replaced }), onStep },
        until,
      );
    },
    signal,
  );
  if (stopped !== undefined || gathered === undefined) return undefined;
  const result = gallery.enrol({
    ...{ person: known?.id ?? { name }, position: finger, touches: gathered, comparison },
    ...(replaced && { replace: true }),
  });
  if (result.kind !== 'enrolled') {
    dialogue.say(
      `not enrolled: ${result.kind === 'retry' ? result.problems.map(problemInWords).join('; ') : refusalInWords(result)}`,
    );
    return undefined;
  }
  const touches = result.finger.templates.length;
  commit({ type: 'whorl.person.enrolled', subject: result.person.id, data: { finger, touches } });
  joinGroup(bench, result.person, wish.group);
  dialogue.say(`${name} is enrolled, with ${touches} touches`);
  return { name, person: result.person.id, finger, touches };
}

function joinGroup({ gallery, operator, commit }: Workbench, { id, pass }: Person, group: string): void {
  const groups = pass.groups ?? [];
  if (group === NO_GROUP || groups.includes(group)) return;
  gallery.setPass(id, { ...pass, groups: [...groups, group] });
  commit({ type: 'whorl.person.changed', subject: id, data: { operator, change: 'groups' } });
}

function toneOf({ kind }: EnrolmentStep): Pick<View, 'tone'> {
  if (kind === 'taken') return { tone: 'good' };
  return { tone: kind === 'ask' ? 'ask' : 'again' };
}
