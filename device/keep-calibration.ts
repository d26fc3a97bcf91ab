import type { SensorCalibration } from '../calibration/sensor/measure-sensor.ts';
import { judgeSensor, worstOf, type Finding, type Judgement } from '../calibration/sensor/verdict.ts';
import type { Report } from './events/event.ts';
import { writeProfile } from './sensor/profile-file.ts';
import type { SensorDescription, SensorIdentity } from './sensor/sensor.ts';

export interface KeptCalibration {
  readonly identity: SensorIdentity;
  readonly verdict: Judgement;
  readonly findings: readonly Finding[];
  /** Of the profile; absent where a technician must act first, and nothing was kept. */
  readonly path?: string;
}

/** Keeps a sensor's profile and reports it, unless what was found says that the sensor must not be used like this. */
export function keepCalibration(
  state: string,
  { model, serial }: SensorDescription,
  calibration: SensorCalibration,
  commit: (report: Report) => void,
): KeptCalibration {
  const findings = judgeSensor(calibration);
  const verdict = worstOf(findings);
  const identity = { model, ...(serial !== undefined && { serial }) };
  if (verdict === 'act') return { identity, verdict, findings };
  const { profile } = calibration;
  const path = writeProfile(state, identity, profile);
  const data = { ...identity, verdict, dpi: profile.dpi, deadPixels: profile.dead.length };
  commit({ type: 'whorl.sensor.calibrated', data });
  return { identity, verdict, findings, path };
}
