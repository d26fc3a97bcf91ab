import { Option } from 'commander';
import type { Config } from '../config/schema.ts';
import { KEEPERS, type KeeperChoice } from '../secrets/keeper.ts';

/** Of commands that keep a key. */
export function keeperOption(): Option {
  return new Option('--keeper <name>', 'what keeps the key (default: as the configuration says)').choices([
    'auto',
    ...KEEPERS,
  ]);
}

/** What the command line says, else what the configuration does. */
export function keeperChoice({ keys }: Config, keeper: KeeperChoice['keeper'] | undefined): KeeperChoice {
  return { ...keys, ...(keeper !== undefined && { keeper }) };
}
