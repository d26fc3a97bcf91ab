import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { settleState } from '../gallery/open-in-directory.ts';

/** Where a command's configuration comes from, beside the environment. */
export interface ConfigOptions {
  readonly config?: string;
  readonly state?: string;
}

/** The configuration: the named file or config.json in the state directory, `WHORL_*` variables, then flags. */
export function readConfig({ config, state }: ConfigOptions, flags: Readonly<Record<string, unknown>> = {}): Config {
  const directory = state ?? process.env.WHORL_STATE ?? './var';
  // The configuration may be among the files of a restore that was cut off.
  settleState(directory);
  const usual = join(directory, 'config.json');
  const file = config ?? process.env.WHORL_CONFIG ?? (existsSync(usual) ? usual : undefined);
  return loadConfig({ ...(file !== undefined && { file }), environment: process.env, flags: { ...flags, state } });
}
