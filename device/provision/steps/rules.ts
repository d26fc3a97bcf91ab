import { storedRules } from '../../current-rules.ts';
import { WhorlError } from '../../errors.ts';
import { putRulesInForce } from '../../put-rules-in-force.ts';
import type { Step } from '../step.ts';

export const rulesStep: Step = {
  id: 'rules',
  title: 'Rules',
  purpose: 'Who may pass, and when. Without rules whoever is enrolled passes at any time.',
  async run({ gallery, operator, commit }, dialogue, signal) {
    for (let { text } = storedRules(gallery); ;) {
      const { version } = storedRules(gallery);
      const inForce = version === 0 ? 'the rules that come with Whorl' : `version ${version}`;
      const { choice, values } = await dialogue.ask(
        {
          text: `In force: ${inForce}. Change them here, or paste those that were written for this door.`,
          fields: [{ kind: 'lines', name: 'rules', label: 'Rules (YAML)', value: text }],
          choices: [
            { id: 'import', label: 'Put these in force' },
            { id: 'keep', label: 'Keep what is in force' },
          ],
        },
        signal,
      );
      if (choice === 'keep')
        return { findings: [{ mark: version === 0 ? 'note' : 'good', words: `in force: ${inForce}` }] };
      try {
        const put = putRulesInForce(gallery, values.rules, { operator, overwrite: false, commit });
        const shutOut = put.shutOut.length;
        return {
          findings: [
            { mark: 'good', words: `put in force: version ${put.version}` },
            ...(shutOut === 0
              ? []
              : [{ mark: 'note', words: `${shutOut} people are in no group of them and cannot pass` } as const]),
          ],
        };
      } catch (error) {
        if (!(error instanceof WhorlError)) throw error;
        dialogue.say(error.message);
        text = values.rules;
      }
    }
  },
};
