import { randomBytes, scryptSync } from 'node:crypto';
import { z } from 'zod';
import { GalleryError } from './errors.ts';
import { fingerRecordSchema, MOST_FINGERS, type Person, personRecordSchema } from './person.ts';
import { KEY_BYTES, seal, unseal } from '../secrets/seal.ts';
import { decodeTemplate, encodeTemplate } from './template-codec.ts';

const MAGIC = 'WHORL-GALLERY-1\n';
const SALT_BYTES = 16;
/** 128 MiB and about half a second a guess (the least OWASP's password storage sheet asks of scrypt). */
const COST = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 };
const SHORTEST_PASSPHRASE = 12;

const base64 = z.base64().transform((text) => Buffer.from(text, 'base64'));
const contentSchema = z.array(
  personRecordSchema.extend({
    id: z.uuid(),
    fingers: z
      .array(
        fingerRecordSchema.extend({
          id: z.uuid(),
          templates: z.array(z.strictObject({ id: z.uuid(), template: base64.transform((it) => decodeTemplate(it)) })),
        }),
      )
      .max(MOST_FINGERS),
  }),
);

/**
 * People and their templates as one file under a passphrase, to be carried to another gallery: the line
 * `WHORL-GALLERY-1`, a salt of 16 bytes, and JSON sealed by AES-256-GCM under scrypt of the passphrase.
 *
 * @throws GalleryError `gallery.weak-passphrase`
 */
export function packArchive(people: readonly Person[], passphrase: string): Buffer {
  if (passphrase.length < SHORTEST_PASSPHRASE)
    throw new GalleryError(
      'gallery.weak-passphrase',
      `the passphrase must have at least ${SHORTEST_PASSPHRASE} characters: fingerprints cannot be changed if it is guessed`,
    );
  const content = people.map((person) => ({
    ...person,
    fingers: person.fingers.map((finger) => ({
      ...finger,
      templates: finger.templates.map(({ id, template }) => ({
        id,
        template: Buffer.from(encodeTemplate(template)).toString('base64'),
      })),
    })),
  }));
  const salt = randomBytes(SALT_BYTES);
  const sealed = seal(keyOf(passphrase, salt), Buffer.from(JSON.stringify(content)), MAGIC);
  return Buffer.concat([Buffer.from(MAGIC), salt, sealed]);
}

/** @throws GalleryError `gallery.archive-malformed`, `gallery.archive-locked` for a wrong passphrase or damage */
export function unpackArchive(bytes: Uint8Array, passphrase: string): Person[] {
  const start = MAGIC.length + SALT_BYTES;
  if (bytes.length < start || Buffer.from(bytes.subarray(0, MAGIC.length)).toString('latin1') !== MAGIC)
    throw new GalleryError('gallery.archive-malformed', 'this is not an exported Whorl gallery');
  const plain = unseal(keyOf(passphrase, bytes.subarray(MAGIC.length, start)), bytes.subarray(start), MAGIC);
  if (!plain)
    throw new GalleryError('gallery.archive-locked', 'the passphrase is not the right one, or the file is damaged');
  try {
    return contentSchema.parse(JSON.parse(plain.toString()));
  } catch (cause) {
    throw new GalleryError('gallery.archive-malformed', 'the exported gallery holds what this Whorl does not know', {
      cause,
    });
  }
}

function keyOf(passphrase: string, salt: Uint8Array): Buffer {
  return scryptSync(passphrase.normalize('NFC'), salt, KEY_BYTES, COST);
}
