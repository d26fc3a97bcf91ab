import { timed, type Figure } from '../../calibration/figures.ts';
import { growFinger } from '../../models/synthesis/finger.ts';
import { drawImpression } from '../../models/synthesis/impression.ts';
import { SENSOR_NAMES, sensorModel, type SensorName } from '../../models/synthesis/sensors.ts';

const FINGERS_A_ROUND = 4;
const IMPRESSIONS_A_ROUND = 16;

/** Fingers of 320 × 400 and impressions on each sensor that one core draws in a second. */
export function benchSynthesis(rounds: number): {
  readonly fingers: Figure;
  readonly impressions: ReadonlyMap<SensorName, Figure>;
} {
  let seed = 0;
  const fingers: Figure = {
    what: 'artificial fingers of 320 × 400 grown',
    unit: '/s',
    rounds: timed(rounds, () => {
      for (let i = 0; i < FINGERS_A_ROUND; i++) growFinger(seed++, { width: 320, height: 400 });
    }).map((ms) => (1000 * FINGERS_A_ROUND) / ms),
  };
  const finger = growFinger(1);
  const impressions = new Map(
    SENSOR_NAMES.map((name): [SensorName, Figure] => {
      const model = sensorModel(name);
      const figure: Figure = {
        what: `impressions on ${name}, ${model.width} × ${model.height}`,
        unit: '/s',
        rounds: timed(rounds, () => {
          for (let i = 0; i < IMPRESSIONS_A_ROUND; i++) drawImpression(finger, model, seed++);
        }).map((ms) => (1000 * IMPRESSIONS_A_ROUND) / ms),
      };
      return [name, figure];
    }),
  );
  return { fingers, impressions };
}
