import type { Step } from '../step.ts';
import { administratorStep } from './administrator.ts';
import { brokerStep } from './broker.ts';
import { calibrationStep } from './calibration.ts';
import { clockStep } from './clock.ts';
import { doorStep } from './door.ts';
import { identityStep } from './identity.ts';
import { rulesStep } from './rules.ts';
import { selftestStep } from './selftest.ts';
import { sensorStep } from './sensor.ts';
import { trialStep } from './trial.ts';

/** From the box to the door, in the order in which a technician does them; each may be done again. */
export const STEPS: readonly Step[] = [
  identityStep,
  clockStep,
  brokerStep,
  sensorStep,
  calibrationStep,
  doorStep,
  rulesStep,
  administratorStep,
  selftestStep,
  trialStep,
];
