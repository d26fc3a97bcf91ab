import { join } from 'node:path';
import { WhorlError } from '../../errors.ts';
import { assess } from '../../imaging/assess.ts';
import { toWorkingResolution } from '../../imaging/resample.ts';
import { outcomeOf } from '../../outcome.ts';
import { linkOf } from '../../sensor/open-sensor.ts';
import { nameOfSensor, PAIRING_FILE, PairingFile } from '../../sensor/pairing.ts';
import type { SensorDescription } from '../../sensor/sensor.ts';
import type { Dialogue } from '../dialogue.ts';
import type { Finding, Step, StepOutcome } from '../step.ts';
import type { Workbench } from '../workbench.ts';

/** A sensor that fails is tried again after so long. */
const PAUSE_MS = 1_000;
/** Quality that one of a few careful touches should reach, of 100. */
const GOOD_QUALITY = 50;

/** What was seen while the technician touched. */
interface Seen {
  touches: number;
  best: number;
}

export const sensorStep: Step = {
  id: 'sensor',
  title: 'Sensor',
  purpose: 'The sensor is found, belongs to this board, and shows a clear picture.',
  async run(bench, dialogue, signal) {
    const refused = await connect(bench, dialogue, signal);
    if (refused !== undefined) return { findings: [refused] };
    dialogue.say(`found: ${nameOfSensor(bench.sensor.describe())} at ${bench.sensor.describe().link}`);
    return look(bench, dialogue, signal);
  },
};

/** @returns what keeps the sensor from being used */
async function connect(bench: Workbench, dialogue: Dialogue, signal: AbortSignal): Promise<Finding | undefined> {
  for (;;)
    try {
      await bench.connectSensor(signal);
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof WhorlError)) throw error;
      const accept = error.code === 'sensor.not-paired' ? [{ id: 'accept', label: 'This sensor belongs here' }] : [];
      const choices = [...accept, { id: 'again', label: 'Look again' }, { id: 'leave', label: 'Leave it like this' }];
      const { choice } = await dialogue.ask({ text: error.message, choices }, signal);
      if (choice === 'leave') return { mark: 'act', words: `${error.code}: ${error.message}` };
      if (choice === 'accept') accepted(bench);
    }
}

function accepted({ config, commit }: Workbench): void {
  const pairing = new PairingFile(join(config.state, PAIRING_FILE));
  const { refused } = pairing.read();
  if (refused === undefined) return;
  pairing.pair(refused);
  const { model, serial } = refused;
  commit({ type: 'whorl.sensor.accepted', data: { model, ...(serial !== undefined && { serial }) } });
}

/** Shows every touch until the technician has seen enough. */
async function look(bench: Workbench, dialogue: Dialogue, signal: AbortSignal): Promise<StepOutcome> {
  const enough = new AbortController();
  const seen: Seen = { touches: 0, best: 0 };
  const watching = watch(bench, dialogue, seen, AbortSignal.any([signal, enough.signal]));
  try {
    const { choice } = await dialogue.ask(
      {
        text: 'Touch the sensor with several clean fingers and watch the picture: ridges should be sharp from edge to edge. It is shown here only and kept nowhere.',
        choices: [
          { id: 'good', label: 'The picture is good' },
          { id: 'bad', label: 'The picture is not good' },
        ],
      },
      signal,
    );
    return { findings: [...describe(bench, bench.sensor.describe()), ...judge(seen, choice === 'good')] };
  } finally {
    enough.abort();
    await watching;
    dialogue.show(undefined);
  }
}

async function watch({ sensor, clock }: Workbench, dialogue: Dialogue, seen: Seen, signal: AbortSignal): Promise<void> {
  dialogue.show({ words: 'Touch the sensor', tone: 'ask' });
  for (;;)
    try {
      if ((await sensor.waitForFinger(signal)) === 'ended') return;
      const capture = await sensor.capture(signal);
      seen.touches++;
      if (capture.kind === 'retry') dialogue.show({ words: outcomeOf(capture).text, tone: 'again' });
      else {
        const { quality, usable, advice } = assess(toWorkingResolution(capture.image));
        seen.best = Math.max(seen.best, quality);
        const words = advice === undefined ? 'A good touch' : outcomeOf({ kind: 'retry', reason: advice }).text;
        dialogue.show({ words, tone: usable ? 'good' : 'again', picture: capture.image, quality });
      }
      await sensor.waitForLift(signal);
    } catch (error) {
      if (signal.aborted) return;
      dialogue.show({ words: error instanceof Error ? error.message : String(error), tone: 'again' });
      await clock.sleep(PAUSE_MS, signal).catch(() => undefined);
    }
}

function describe({ config }: Workbench, { model, serial, link, geometry, dpi }: SensorDescription): Finding[] {
  const size = geometry === undefined ? '' : `, ${geometry.width} × ${geometry.height} pixels`;
  const resolution = dpi === undefined ? '' : `, ${dpi} dpi`;
  const number = serial === undefined ? '' : `, serial number ${serial}`;
  const words = `${model}${number} at ${link}${size}${resolution}`;
  return linkOf(config.sensor) === undefined
    ? [{ mark: 'note', words: `${words}: no hardware, its fingers never lived` }]
    : [{ mark: 'good', words }];
}

function judge({ touches, best }: Seen, good: boolean): Finding[] {
  if (touches === 0) return [{ mark: 'act', words: 'no touch was seen' }];
  const words = `${touches} ${touches === 1 ? 'touch' : 'touches'} seen, the best of quality ${best} of 100`;
  if (!good) return [{ mark: 'act', words: `${words}; the technician found the picture not good` }];
  return [{ mark: best >= GOOD_QUALITY ? 'good' : 'note', words }];
}
