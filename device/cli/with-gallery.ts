import type { Command } from 'commander';
import type { Config } from '../config/schema.ts';
import type { Gallery } from '../gallery/gallery.ts';
import { openGalleryIn } from '../gallery/open-in-directory.ts';
import { type ConfigOptions, readConfig } from './read-config.ts';

/** Adds a command to a group of commands about the gallery. */
export function galleryCommand(group: Command, usage: string, description: string): Command {
  return group
    .command(usage)
    .description(description)
    .option('--state <directory>', 'where the gallery and its key are kept (default: ./var)')
    .option('--config <file>', 'configuration, JSON (default: config.json in the state directory, if there)');
}

/** Opens the gallery of the configuration for one action. */
export async function withGallery(
  options: ConfigOptions,
  action: (gallery: Gallery, config: Config) => void | Promise<void>,
): Promise<void> {
  const config = readConfig(options);
  const gallery = openGalleryIn(config.state, undefined, config.keys);
  try {
    await action(gallery, config);
  } finally {
    gallery.close();
  }
}
