import { CLOCK_DOUBT_WORDS } from '../../access/clock-doubt.ts';
import { currentRules } from '../../current-rules.ts';
import type { Step } from '../step.ts';

export const clockStep: Step = {
  id: 'clock',
  title: 'Clock',
  purpose: 'Rules with times rest on the board’s clock: it is right, and something vouches for it.',
  async run(bench, dialogue, signal) {
    const { clock, clockDoubt, gallery, config } = bench;
    const { zone } = currentRules(gallery);
    const form = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short', timeZone: zone });
    const { choice } = await dialogue.ask(
      {
        text: `The board says ${form.format(clock.now())} (${zone}). Is that right?`,
        choices: [
          { id: 'right', label: 'It is right' },
          { id: 'wrong', label: 'It is wrong' },
        ],
      },
      signal,
    );
    const shown = new Date(clock.now()).toISOString();
    return {
      findings: [
        choice === 'right'
          ? { mark: 'good', words: `the board’s clock was right at ${shown}` }
          : { mark: 'act', words: `the board’s clock showed ${shown}, which is wrong: set it, then try again` },
        clockDoubt === undefined
          ? { mark: 'good', words: config.clock.battery ? 'trusted: a battery keeps it' : 'trusted' }
          : { mark: 'note', words: `not trusted: ${CLOCK_DOUBT_WORDS[clockDoubt]}` },
      ],
    };
  },
};
