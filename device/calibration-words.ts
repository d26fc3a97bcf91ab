import type { Judgement } from '../calibration/sensor/verdict.ts';
import type { GatheringStep } from './gather-captures.ts';
import type { Laid } from './sensor/rehearsal.ts';

const WHAT_TO_LAY: Readonly<Record<Laid, string>> = {
  empty: 'Clean the plate with a soft cloth, and lay nothing on it.',
  full: 'Cover the whole plate with something soft and damp without ridges: a gel pad, a wet rubber.',
  fingers: 'When you are ready, touch the sensor with one finger after the other, ten in all, clean and dry.',
  target: 'Lay the ruled target flat on the plate',
};

/** What a technician is asked to do; the target is laid once for every capture, turned. */
export function whatToLay(laid: Laid, number: number): string {
  const turned = laid === 'target' ? (number === 1 ? '.' : `, turned (${number}).`) : '';
  return `${WHAT_TO_LAY[laid]}${turned}`;
}

export const CALIBRATION_VERDICTS: Readonly<Record<Judgement, string>> = {
  fine: 'This sensor is good as it is.',
  corrected: 'This sensor has defects; they are put right in every capture from now on.',
  act: 'Do not use this sensor yet: see what is marked “act”. Nothing was kept.',
};

const NAMES: Readonly<Record<Laid, string>> = {
  empty: 'empty plate',
  full: 'covered plate',
  fingers: 'finger',
  target: 'target',
};

/** What somebody at the sensor should know. */
export function gatheringInWords(step: GatheringStep): string {
  switch (step.kind) {
    case 'taken':
      return `${NAMES[step.laid]} ${step.number} of ${step.of}`;
    case 'unseen':
      return `this sensor shows nothing of the ${NAMES[step.laid]}: it is calibrated without`;
    case 'again':
      return `once more: ${step.message}`;
  }
}
