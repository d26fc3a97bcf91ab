import { readFile } from 'node:fs/promises';
import { DecisionError } from './matching/decision/errors.ts';
import { parseScoreCalibration, type ScoreCalibration } from './matching/decision/score-calibration.ts';

/** The calibration that comes with Whorl. */
export const SHIPPED_CALIBRATION = new URL('../calibration/scores.json', import.meta.url);

/**
 * Reads a calibration of scores.
 * @throws DecisionError `decision.bad-calibration` where the file is missing or is something else
 */
export async function readScoreCalibration(path: string | URL = SHIPPED_CALIBRATION): Promise<ScoreCalibration> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const message = `the calibration of scores ${path.toString()} cannot be read; make one with "whorl calibrate scores"`;
    throw new DecisionError('decision.bad-calibration', message, { cause });
  }
  return parseScoreCalibration(asJson(text));
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
