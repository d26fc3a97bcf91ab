import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Evaluation, report, type SetMeasurement } from '../../calibration/evaluation.ts';
import { spread } from '../../calibration/figures.ts';
import { readPrintSet } from '../../calibration/print-set.ts';
import { compareWithTruth, ratesOf, readTruth, type TruthCount } from '../../calibration/truth.ts';
import { decodeImage } from '../../device/imaging/decode.ts';
import { MinutiaeExtractor } from '../../device/minutiae/extract.ts';
import type { DatasetPlan } from '../../models/synthesis/dataset/plan.ts';
import { writeDataset } from '../../models/synthesis/dataset/write-dataset.ts';
import { growFinger } from '../../models/synthesis/finger.ts';
import { drawImpression } from '../../models/synthesis/impression.ts';
import { Random } from '../../models/synthesis/random.ts';
import { SENSOR_NAMES, sensorModel, type SensorName } from '../../models/synthesis/sensors.ts';
import { benchSynthesis } from '../bench/synthesis.ts';
import { realData } from '../support/data.ts';
import { judged, skipped, type Claim, type ProofOptions } from './claim.ts';
import { spreadOf, statisticsOf } from './print-statistics.ts';

const MATCHER = 'minutiae';
const REAL_SETS = ['fvc2002-db1', 'fvc2002-db3', 'fvc2004-db2', 'fvc2004-db3'] as const;
const OTHER_DPI: Readonly<Record<string, number>> = { 'fvc2004-db3': 512 };
const PLAN: DatasetPlan = {
  seed: 77,
  fingers: 100,
  impressions: 8,
  siblings: 0,
  sensor: 'optical',
  severity: 1,
  format: 'png',
  alterations: false,
};

/** Artificial fingers: the first minute, likeness to real prints, exact truth, speed and memory. */
export async function prove({ quick, onStage }: ProofOptions): Promise<Claim[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'whorl-prove-'));
  const evaluation = new Evaluation({ matchers: [MATCHER], jobs: availableParallelism() });
  try {
    onStage('the first minute');
    const claims = [await proveFirstMinute(join(scratch, 'state'))];
    onStage('correspondences');
    claims.push(proveCorrespondences(quick ? 100 : 1000));
    onStage('speed');
    claims.push(...proveSpeed());
    onStage('error rates of artificial prints');
    claims.push(...(await proveDifficulty(evaluation, scratch, quick ? 24 : 100)));
    claims.push(...(await tellRealSets(evaluation, onStage)));
    onStage('the extractor against truth');
    for (const sensor of SENSOR_NAMES)
      if (sensor !== 'socofing') claims.push(await tellTruth(scratch, sensor, quick ? 6 : 25));
    claims.push(
      quick
        ? skipped('memory does not grow with the dataset', 'left out by --quick')
        : await proveMemory(join(scratch, 'large'), onStage),
    );
    return claims;
  } finally {
    await evaluation.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function proveFirstMinute(state: string): Promise<Claim> {
  const begin = performance.now();
  const whorl = join(import.meta.dirname, '../../device/cli/whorl.mjs');
  const child = spawn(process.execPath, [whorl, 'start', '--touches', '20', '--state', state], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('WHORL_'))),
  });
  let firstTouch = NaN;
  createInterface(child.stdout).on('line', (line) => {
    if (Number.isNaN(firstTouch) && /\b(granted|denied)\b/.test(line)) firstTouch = (performance.now() - begin) / 1000;
  });
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return judged(
    'with no configuration the first touch is decided within 10 s; 20 touches end with exit 0',
    `${firstTouch.toFixed(1)} s, exit ${status ?? 'by a signal'}`,
    '',
    status === 0 && firstTouch <= 10,
  );
}

function proveCorrespondences(pairs: number): Claim {
  const random = new Random(1);
  const finger = growFinger(5);
  let worst = 0;
  let minutiae = 0;
  for (let pair = 0; pair < pairs; pair++) {
    const sensor = sensorModel(SENSOR_NAMES[random.below(SENSOR_NAMES.length)]);
    const one = drawImpression(finger, sensor, random.bits(), { severity: 1.5 }).truth;
    const other = drawImpression(finger, sensor, random.bits(), { severity: 1.5 }).truth;
    for (const { x, y } of one.minutiae) {
      const there = one.corresponding(other, x, y);
      const nearest = Math.min(...other.minutiae.map((m) => Math.hypot(m.x - there.x, m.y - there.y)));
      const row = Math.floor(there.y + 0.5) * sensor.width;
      const shown =
        there.x >= 0 && there.x < sensor.width - 0.5 && other.mask.at(row + Math.floor(there.x + 0.5)) === 1;
      if (!shown || there.y < 0 || there.y >= sensor.height - 0.5) continue;
      minutiae++;
      worst = Math.max(worst, nearest);
    }
  }
  return judged(
    'one impression’s minutiae fall on another’s by the deformation fields, error below 1 px',
    `worst ${worst.toFixed(4)} px of ${minutiae}`,
    `${pairs} pairs of impressions`,
    worst < 1,
  );
}

function proveSpeed(): Claim[] {
  const { fingers, impressions } = benchSynthesis(5);
  const median = (rounds: readonly number[]): number => spread(rounds).median;
  return [
    judged(
      'fingers of 320 × 400: at least 3/s a core',
      `${median(fingers.rounds).toFixed(1)}/s`,
      '',
      median(fingers.rounds) >= 3,
    ),
    ...[...impressions.values()].map(({ what, rounds }) =>
      judged(`${what}: at least 30/s a core`, `${median(rounds).toFixed(0)}/s`, '', median(rounds) >= 30),
    ),
  ];
}

async function proveDifficulty(evaluation: Evaluation, scratch: string, fingers: number): Promise<Claim[]> {
  const measure = async (severity: number): Promise<SetMeasurement> => {
    const directory = join(scratch, `optical-${severity}`);
    await write({ ...PLAN, fingers, severity }, directory);
    return evaluation.measure(readPrintSet(directory, 500));
  };
  const easy = eerOf(await measure(0.5));
  const usual = await measure(1);
  const hard = eerOf(await measure(1.5));
  const eer = eerOf(usual);
  return [
    judged(
      `EER of the MTM on the default mix (optical, ${fingers} × 8): from 1 to 12 %`,
      `${eer.toFixed(2)} %`,
      '',
      eer >= 1 && eer <= 12,
    ),
    judged('severity moves it', `0.5: ${easy.toFixed(2)} %, 1.5: ${hard.toFixed(2)} %`, '', easy < eer && eer < hard),
    await tellLooks('artificial optical', usual),
  ];
}

async function tellRealSets(evaluation: Evaluation, onStage: ProofOptions['onStage']): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (const name of REAL_SETS) {
    const folder = realData(`images/${name}`);
    if (folder === undefined) {
      claims.push(skipped(`looks of ${name}`, 'no data'));
      continue;
    }
    onStage(`looks of ${name}`);
    const measurement = await evaluation.measure(readPrintSet(folder, OTHER_DPI[name] ?? 500));
    claims.push(await tellLooks(name, measurement));
  }
  return claims;
}

async function tellLooks(name: string, measurement: SetMeasurement): Promise<Claim> {
  const { period, minutiae, quality, genuine, impostor } = await statisticsOf(measurement, MATCHER);
  return {
    claim: `looks of ${name}, 5 % / median / 95 %`,
    figure: [
      `period ${spreadOf(period, 1)} px`,
      `minutiae ${spreadOf(minutiae, 0)}`,
      `quality ${spreadOf(quality, 0)}`,
      `genuine ${spreadOf(genuine, 2)}`,
      `impostor ${spreadOf(impostor, 2)}`,
      `EER ${eerOf(measurement).toFixed(2)} %`,
    ].join('; '),
    bar: '',
    verdict: 'told',
  };
}

async function tellTruth(scratch: string, sensor: SensorName, fingers: number): Promise<Claim> {
  const directory = join(scratch, `truth-${sensor}`);
  await write({ ...PLAN, sensor, fingers, seed: 78 }, directory);
  const extractor = new MinutiaeExtractor();
  const counts: TruthCount[] = [];
  for (const { path, file } of readPrintSet(directory, 500).prints) {
    const beside = join(directory, 'truth', file.replace(/png$/, 'json'));
    const image = await decodeImage(await readFile(path), { dpi: 500, polarity: 'dark-ridges' });
    counts.push(
      compareWithTruth(extractor.extract(image).template.minutiae, readTruth(await readFile(beside, 'utf8'), beside)),
    );
  }
  const { precision, recall, f1 } = ratesOf(counts);
  const percent = (rate: number | null): string => (100 * Number(rate)).toFixed(1);
  return {
    claim: `extractor against exact truth, ${sensor}, ${fingers} × 8`,
    figure: `precision ${percent(precision)}, recall ${percent(recall)}, F1 ${percent(f1)} %`,
    bar: '12 px, π/8, borders under 14 px left out',
    verdict: 'told',
  };
}

/** Resident memory early and late in a dataset that is long enough to show a leak. */
async function proveMemory(directory: string, onStage: ProofOptions['onStage']): Promise<Claim> {
  const fingers = 1280;
  const samples: number[] = [];
  await writeDataset({ ...PLAN, fingers, sensor: 'R503', format: 'shards' }, directory, {
    jobs: availableParallelism(),
    signal: new AbortController().signal,
    onProgress: (units, total) => {
      onStage(`writing ${fingers} fingers × 8: ${units}/${total}`);
      samples.push(process.memoryUsage.rss() / 2 ** 20);
    },
  });
  const quarter = Math.floor(samples.length / 4);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const early = mean(samples.slice(quarter, 2 * quarter));
  const late = mean(samples.slice(-quarter));
  return judged(
    `memory does not grow with the dataset: ${fingers} × 8`,
    `${early.toFixed(0)} MiB in the second quarter, ${late.toFixed(0)} MiB in the last`,
    'within a quarter',
    late <= 1.25 * early,
  );
}

async function write(plan: DatasetPlan, directory: string): Promise<void> {
  await writeDataset(plan, directory, {
    jobs: availableParallelism(),
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
}

function eerOf(measurement: SetMeasurement): number {
  return report([measurement]).matchers[MATCHER].pairs.eer ?? NaN;
}
