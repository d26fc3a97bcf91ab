import type { Command } from 'commander';
import { quantizeModels } from '../../calibration/quantize-models.ts';
import { shipModels } from '../../calibration/ship-models.ts';
import type { Manifest } from '../inference/manifest.ts';
import { SHIPPED_MODELS } from '../models-directory.ts';
import type { CommandContext } from './command.ts';
import type { Output } from './output.ts';
import { table } from './table.ts';

interface Options {
  readonly trained: string;
  readonly prints: readonly string[];
  readonly python: string;
  readonly out: string;
}

export function registerModels(calibrate: Command, output: CommandContext['output']): void {
  calibrate
    .command('models')
    .description('quantize trained models, prove the files, and write their manifest and cards')
    .requiredOption('--trained <directory>', 'float models and the records of their training')
    .requiredOption(
      '--prints <directory...>',
      'artificial prints (synthesize --format shards) that ranges are measured on',
    )
    .option('--python <program>', 'a Python with models/training/requirements.txt', 'python3')
    .option('--out <directory>', 'where models, manifest and cards go', SHIPPED_MODELS)
    .action(async (options: Options) => {
      const manifest = await shipModels(options.out, options.trained, await quantizeModels(options));
      show(manifest, output());
    });
}

function show(manifest: Manifest, output: Output): void {
  output.result(manifest);
  const rows = Object.entries(manifest.models).flatMap(([name, { files }]) =>
    files.map((file) => {
      const cosines = Object.values(file.quantization?.cosine ?? {}).map(({ mean }) => mean);
      const least = cosines.length === 0 ? '' : Math.min(...cosines).toFixed(5);
      return [name, file.path, file.precision, (file.bytes / 1e6).toFixed(2), least, file.sha256.slice(0, 16)];
    }),
  );
  for (const line of table(['model', 'file', 'precision', 'MB', 'cosine to float', 'SHA-256'], rows)) output.line(line);
}
