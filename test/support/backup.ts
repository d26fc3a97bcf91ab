import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configSchema, type Config } from '../../device/config/schema.ts';
import { openGalleryIn } from '../../device/gallery/open-in-directory.ts';
import { packBackup } from '../../device/provision/backup/backup-file.ts';
import { gatherContent } from '../../device/provision/backup/content.ts';
import type { Recipient } from '../../device/provision/backup/recipient.ts';
import { enrolArtificial } from './gallery.ts';

export const NAMES = ['Ada Lovelace', 'Bob Backup', 'Chiara Copy'];
export const PASSPHRASE = 'correct horse battery staple';
export const DEVICE_KEY: KeyObject = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

export const configOf = (state: string): Config => configSchema.parse({ state, device: 'old-door' });

/** A board with people, one of them erased, rules, a paired sensor with its profile, and a configuration. */
export function furnish(state: string): void {
  const gallery = openGalleryIn(state);
  for (const name of [...NAMES, 'Eve Erased'])
    enrolArtificial(gallery, gallery.addPerson({ name }, { groups: ['staff'] }).id, name);
  gallery.erasePerson(gallery.contents().people[3].id);
  gallery.saveRules('groups: {}\n', 'a test', new Map());
  gallery.close();
  writeFileSync(join(state, 'sensor.json'), '{"paired":{"model":"R503","serial":"42"}}\n');
  mkdirSync(join(state, 'calibration', 'R503'), { recursive: true });
  writeFileSync(join(state, 'calibration', 'R503', '42.json'), '{"a":"profile"}\n');
  writeFileSync(
    join(state, 'config.json'),
    JSON.stringify({ device: 'old-door', broker: { url: 'mqtt://door:secret-password@broker.example:1883' } }),
  );
}

export function backUp(state: string, recipient: Recipient): Buffer {
  const gallery = openGalleryIn(state);
  try {
    const origin = { device: 'old-door', createdAt: '2026-01-01T00:00:00.000Z', software: 'test', key: DEVICE_KEY };
    return packBackup(origin, recipient, (key) =>
      Buffer.from(JSON.stringify(gatherContent({ config: configOf(state), gallery }, key)[0])),
    );
  } finally {
    gallery.close();
  }
}

/** Everything that a restore must bring back, as text. */
export function everythingIn(state: string): string {
  const gallery = openGalleryIn(state);
  try {
    const { people, damaged } = gallery.contents();
    return JSON.stringify([people, damaged, gallery.tombstones(), gallery.rules(gallery.rulesVersion).text]);
  } finally {
    gallery.close();
  }
}
