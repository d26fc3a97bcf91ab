import colors from 'picocolors';
import { systemClock } from '../clock.ts';
import { WhorlError } from '../errors.ts';
import type { InferenceStatus } from '../inference/inference.ts';
import { openInference } from '../inference/open-inference.ts';
import { troubleOf } from '../inference/trouble-of.ts';
import type { Attempt, ModelStatus } from '../inference/protocol.ts';
import { modelsDirectory } from '../models-directory.ts';
import type { CommandContext } from './command.ts';
import type { Output } from './output.ts';
import { readConfig, type ConfigOptions } from './read-config.ts';
import { table } from './table.ts';

/** Digits of a hash that people are shown. */
const SHOWN = 16;
/** TensorRT builds an engine for minutes. */
const PATIENCE_MS = 3_600_000;

export function register({ program, output }: CommandContext): void {
  program
    .command('selftest')
    .description('prove the models of this terminal: hashes, provider, known answer, latency')
    .option('--config <file>', 'configuration, JSON (default: config.json in the state directory, if there)')
    .option('--state <directory>', 'where the configuration is looked for (default: ./var)')
    .action(async (options: ConfigOptions) => {
      await selftest(options, output());
    });
}

async function selftest(options: ConfigOptions, output: Output): Promise<void> {
  const directory = modelsDirectory(readConfig(options));
  const inference = await openInference({ models: directory, clock: systemClock, patienceMs: PATIENCE_MS });
  const status = inference.status();
  await inference.close();
  output.result({ directory, ...status });
  output.line(`models of ${directory}`);
  if (Object.keys(status.models).length > 0) showAttempts(status, output);
  const trouble = troubleOf(status);
  if (trouble !== undefined) throw new WhorlError(trouble.code, trouble.message);
}

function showAttempts(status: InferenceStatus, output: Output): void {
  for (const line of table(
    ['model', 'provider', 'file', 'SHA-256', 'known answer', 'latency', ''],
    Object.entries(status.models).flatMap(([name, model]) =>
      model.attempts.map((attempt) => row(name, model, attempt)),
    ),
  ))
    output.line(line);
}

function row(name: string, model: ModelStatus, { provider, file = '', proof, refused }: Attempt): string[] {
  const used = refused === undefined && model.state === 'ready';
  return [
    name,
    provider,
    file,
    used ? model.sha256.slice(0, SHOWN) : '',
    proof === undefined ? '' : `off by ${proof.distance.toExponential(1)}`,
    proof === undefined ? '' : `${proof.latencyMs.toFixed(1)} ms`,
    used ? colors.green('in use') : colors.yellow(refused?.message ?? ''),
  ];
}
