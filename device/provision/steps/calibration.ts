import { CALIBRATION_VERDICTS, gatheringInWords, whatToLay } from '../../calibration-words.ts';
import { gatherCaptures } from '../../gather-captures.ts';
import { keepCalibration } from '../../keep-calibration.ts';
import { linkOf } from '../../sensor/open-sensor.ts';
import { readProfile } from '../../sensor/profile-file.ts';
import type { Laid } from '../../sensor/rehearsal.ts';
import type { Judgement } from '../../../calibration/sensor/verdict.ts';
import type { Mark, Step } from '../step.ts';

/** From one line of the ruled target to the next, mm, where the technician says nothing else. */
const PITCH_MM = '1';
const MARKS: Readonly<Record<Judgement, Mark>> = { fine: 'good', corrected: 'good', act: 'act' };

export const calibrationStep: Step = {
  id: 'calibration',
  title: 'Calibration',
  purpose: 'The sensor is measured, and its defects are put right in every capture.',
  async run(bench, dialogue, signal) {
    const { config, clock, rehearsal, uncorrected, commit } = bench;
    if (linkOf(config.sensor) === undefined && rehearsal?.lay === undefined)
      return { skipped: true, findings: [{ mark: 'note', words: 'no hardware: there is nothing to calibrate' }] };
    await bench.connectSensor(signal);
    const known = readProfile(config.state, uncorrected.describe()) !== undefined;
    const { choice, values } = await dialogue.ask(
      {
        text: `${known ? 'This sensor was calibrated before. ' : ''}You need a soft cloth, something soft and damp, ten fingers, and a ruled target; what is not at hand is left out.`,
        fields: [
          { kind: 'text', name: 'pitch', label: 'Lines of the target, mm apart', value: PITCH_MM, required: true },
        ],
        choices: [
          { id: 'measure', label: 'Calibrate' },
          { id: 'skip', label: known ? 'Keep the calibration' : 'Leave it out' },
        ],
      },
      signal,
    );
    if (choice === 'skip')
      return known
        ? { findings: [{ mark: 'good', words: 'calibrated before; that calibration stays' }] }
        : { skipped: true, findings: [{ mark: 'note', words: 'not calibrated: captures are used as they come' }] };
    const pitch = Number(values.pitch.replace(',', '.'));
    if (!(pitch >= 0.2 && pitch <= 5))
      return { findings: [{ mark: 'act', words: 'a target has lines 0.2 to 5 mm apart' }] };

    const lay = async (laid: Laid, number: number): Promise<boolean> => {
      rehearsal?.lay?.(laid);
      const choices = [
        { id: 'ready', label: laid === 'fingers' ? 'Begin' : 'It is there' },
        { id: 'skip', label: 'I have none' },
      ];
      return (await dialogue.ask({ text: whatToLay(laid, number), choices }, signal)).choice === 'ready';
    };
    try {
      const { calibration } = await gatherCaptures(
        {
          ...{ sensor: uncorrected, clock, pitch, lay },
          connect: (until) => bench.connectSensor(until),
          onStep: (step) => {
            dialogue.show({ words: gatheringInWords(step), tone: step.kind === 'taken' ? 'good' : 'again' });
          },
        },
        signal,
      );
      const { findings, verdict } = keepCalibration(config.state, uncorrected.describe(), calibration, commit);
      dialogue.say(CALIBRATION_VERDICTS[verdict]);
      return { findings: findings.map(({ judgement, words }) => ({ mark: MARKS[judgement], words })) };
    } finally {
      rehearsal?.lay?.('fingers');
      dialogue.show(undefined);
    }
  },
};
