import colors from 'picocolors';
import type { Station } from '../main.ts';
import { findPerson } from '../gallery/find-person.ts';
import { gatherTouches } from '../gather-touches.ts';
import { refusalInWords, stepInWords } from '../enrolment-words.ts';
import type { Output } from './output.ts';

/** Enrols people one after the other by touches at the terminal's own sensor; who is enrolled already is passed over. */
export async function enrolAtSensor(
  { gallery, recognizer, sensor, commit }: Pick<Station, 'gallery' | 'recognizer' | 'sensor' | 'commit'>,
  names: readonly string[],
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  for (const name of names) {
    const { people } = gallery.contents();
    if (findPerson(people, name) !== undefined) {
      output.line(`${name} is enrolled already`);
      continue;
    }
    const { comparison } = recognizer;
    const onStep = (step: Parameters<typeof stepInWords>[0]): void => {
      output.note(stepInWords(step, name));
    };
    try {
      const touches = await gatherTouches({ sensor, recognizer, comparison, enrolled: people, onStep }, signal);
      if (touches === undefined) return;
      const result = gallery.enrol({ person: { name }, position: 'unknown', touches, comparison });
      if (result.kind === 'enrolled') {
        const { position, templates } = result.finger;
        const data = { finger: position, touches: templates.length };
        commit({ type: 'whorl.person.enrolled', subject: result.person.id, data });
        output.line(`${colors.green('enrolled')}: ${colors.bold(name)}, ${templates.length} touches`);
      } else output.line(`${colors.red('not enrolled')}: ${name}: ${refusalInWords(result)}`);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
  }
}
