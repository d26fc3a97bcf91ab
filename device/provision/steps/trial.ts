import { outcomeOf } from '../../outcome.ts';
import type { Touch } from '../../terminal.ts';
import { askUntil } from '../dialogue.ts';
import type { Step } from '../step.ts';

/** So many touches must be enough for one that opens the door. */
const MOST_TOUCHES = 6;

export const trialStep: Step = {
  id: 'trial',
  title: 'Trial at the door',
  purpose: 'Somebody who is enrolled touches, and the door opens: all parts together.',
  async run(bench, dialogue, signal) {
    let last = 'nobody touched';
    dialogue.show({ words: 'Touch the sensor with the finger that was enrolled', tone: 'ask' });
    try {
      for (let touches = 1; touches <= MOST_TOUCHES; touches++) {
        let touch: Touch | undefined;
        const stopped = await askUntil(
          dialogue,
          {
            text: 'Touch the sensor as people will do at the door. It is unlocked for whoever may pass now.',
            choices: [{ id: 'stop', label: 'It does not work' }],
          },
          async (until) => {
            touch = await bench.serveTouch(until);
          },
          signal,
        );
        if (stopped !== undefined || touch === undefined) break;
        const { text } = outcomeOf(touch);
        const granted = touch.kind === 'decided' && touch.verdict.kind === 'granted';
        last = text;
        dialogue.say(`touch ${touches}: ${text}`);
        dialogue.show({ words: text, tone: granted ? 'good' : 'again' });
        if (granted && touch.kind === 'decided')
          return {
            findings: [
              { mark: 'good', words: `touch ${touches} was let in, ${touch.ms.toFixed(0)} ms from picture to verdict` },
            ],
          };
      }
      return { findings: [{ mark: 'act', words: `no touch opened the door; the last one: ${last}` }] };
    } finally {
      dialogue.show(undefined);
    }
  },
};
