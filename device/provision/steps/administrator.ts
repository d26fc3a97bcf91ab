import { enrolPerson } from '../enrol-person.ts';
import type { Step } from '../step.ts';

export const administratorStep: Step = {
  id: 'administrator',
  title: 'First administrator',
  purpose: 'Somebody who works here is enrolled and can try the door.',
  async run(bench, dialogue, signal) {
    const before = bench.gallery.contents().people.length;
    const enrolled = await enrolPerson(bench, dialogue, signal);
    if (enrolled !== undefined)
      return {
        findings: [
          {
            mark: 'good',
            words: `person ${enrolled.person} enrolled: ${enrolled.finger}, ${enrolled.touches} touches`,
          },
        ],
      };
    return before > 0
      ? { findings: [{ mark: 'note', words: `${before} people were enrolled before, nobody now` }] }
      : { findings: [{ mark: 'act', words: 'nobody is enrolled: no touch opens this door' }] };
  },
};
