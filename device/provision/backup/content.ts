import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';
import type { Config } from '../../config/schema.ts';
import { packArchive } from '../../gallery/archive.ts';
import type { Gallery } from '../../gallery/gallery.ts';
import { BackupError } from './errors.ts';

/** What goes along as it is: which sensor belongs here and how it was measured, and whose commands are obeyed. */
const FILES: readonly string[] = ['sensor.json', 'calibration', 'command-keys.json'];
const CONFIG_FILE = 'config.json';

const fileSchema = z.strictObject({
  /** Relative to the state directory; never a way out of it. */
  path: z
    .string()
    .regex(/^[\w%.-]+(\/[\w%.-]+)*$/)
    .refine((path) => isCarried(path), 'must be a file that a backup carries'),
  bytes: z.base64(),
});

export const contentSchema = z.strictObject({
  /** An archive of the gallery under this backup's own key. */
  people: z.base64(),
  tombstones: z.array(z.strictObject({ kind: z.enum(['person', 'finger']), id: z.uuid(), erasedAt: z.iso.datetime() })),
  rules: z.strictObject({ text: z.string(), operator: z.string() }).exactOptional(),
  files: z.array(fileSchema),
  /** How far the old board's events had come; its journal ends with it. */
  events: z.strictObject({ last: z.int().min(0), acknowledged: z.int().min(0) }).exactOptional(),
});
export type BackupContent = z.output<typeof contentSchema>;

/** What a backup is of. */
export interface BackupSource {
  readonly config: Config;
  readonly gallery: Gallery;
  readonly events?: BackupContent['events'];
}

/** What was put into a backup, and what was not. */
export interface BackupSummary {
  readonly people: number;
  readonly rules: number;
  readonly files: readonly string[];
  readonly leftOut: readonly string[];
}

/**
 * @param key of the backup, as text
 * @throws BackupError `backup.incomplete-gallery` where somebody cannot be read: a backup without them would be the only
 *   one some day
 */
export function gatherContent({ config, gallery, events }: BackupSource, key: string): [BackupContent, BackupSummary] {
  const { state } = config;
  const { people, damaged, fileDamage } = gallery.contents();
  const unreadable = damaged.at(0)?.error ?? fileDamage;
  if (unreadable)
    throw new BackupError('backup.incomplete-gallery', `not everybody can be read: ${unreadable.message}`, {
      cause: unreadable,
    });
  const version = gallery.rulesVersion;
  const rules = version > 0 ? gallery.rules(version) : undefined;
  const files = FILES.flatMap((name) => filesUnder(join(state, name))).map((path) => ({
    path: relative(state, path),
    bytes: readFileSync(path).toString('base64'),
  }));
  const { file: configuration, leftOut } = configWithoutSecrets(join(state, CONFIG_FILE));
  if (configuration) files.push({ path: CONFIG_FILE, bytes: configuration.toString('base64') });
  const content: BackupContent = {
    people: packArchive(people, key).toString('base64'),
    tombstones: gallery.tombstones(),
    ...(rules && { rules: { text: rules.text, operator: rules.operator } }),
    files,
    ...(events && { events }),
  };
  return [content, { people: people.length, rules: version, files: files.map(({ path }) => path), leftOut }];
}

function isCarried(path: string): boolean {
  const [first, ...rest] = path.split('/');
  return !rest.includes('..') && !rest.includes('.') && [...FILES, CONFIG_FILE].includes(first);
}

function filesUnder(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) return [path];
  if (!found?.isDirectory()) return [];
  return readdirSync(path).flatMap((name) => filesUnder(join(path, name)));
}

/** A broker's address may carry a password, which has no business on another board. */
function configWithoutSecrets(path: string): { file?: Buffer; leftOut: string[] } {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return { leftOut: [] };
  const bytes = readFileSync(path);
  const parsed = z
    .looseObject({ broker: z.looseObject({ url: z.url() }) })
    .safeParse(JSON.parse(bytes.toString('utf8')));
  if (!parsed.success) return { file: bytes, leftOut: [] };
  const url = new URL(parsed.data.broker.url);
  if (url.password === '') return { file: bytes, leftOut: [] };
  url.password = '';
  const cleaned = { ...parsed.data, broker: { ...parsed.data.broker, url: url.href } };
  return { file: Buffer.from(`${JSON.stringify(cleaned, undefined, 2)}\n`), leftOut: ['the password in broker.url'] };
}
