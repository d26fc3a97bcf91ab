/**
 * Enrols and erases without end, until it is killed. Says what it has done once it is done, and what it is about to
 * erase, one line each: `enrolled <person>`, `erasing <person>`, `erased <person>`.
 */
import { writeSync } from 'node:fs';
import { Gallery } from '../../device/gallery/gallery.ts';
import { enrolArtificial, enrolled } from './gallery.ts';

const [, , path, key, round] = process.argv;
const MOST_PEOPLE = 12;

// Synchronous, so that a line is in the pipe before anything else happens.
const say = (line: string): void => void writeSync(1, `${line}\n`);

const gallery = Gallery.open({ path, key: Buffer.from(key, 'hex') });
say('open');
for (let i = 0; ; i++) {
  const name = `round ${round} person ${i}`;
  const { id } = gallery.addPerson({ name });
  enrolled(enrolArtificial(gallery, id, name));
  say(`enrolled ${id}`);
  const { people } = gallery.contents();
  if (people.length > MOST_PEOPLE) {
    say(`erasing ${people[0].id}`);
    gallery.erasePerson(people[0].id);
    say(`erased ${people[0].id}`);
  }
}
