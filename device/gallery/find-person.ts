import { GalleryError } from './errors.ts';
import type { Person } from './person.ts';

/**
 * Whom an operator means by an id, an external id or a name, tried in this order; undefined where nobody is meant.
 *
 * @throws GalleryError `gallery.ambiguous-person` where several have the name
 */
export function findPerson<P extends Pick<Person, 'id' | 'name' | 'externalId'>>(
  people: readonly P[],
  text: string,
): P | undefined {
  const known = people.find(({ id }) => id === text) ?? people.find(({ externalId }) => externalId === text);
  if (known) return known;
  const namesakes = people.filter(({ name }) => name === text);
  if (namesakes.length > 1)
    throw new GalleryError(
      'gallery.ambiguous-person',
      `${namesakes.length} people are called ${text}, use an id: ${namesakes.map(({ id }) => id).join(', ')}`,
    );
  return namesakes.at(0);
}

/** @throws GalleryError also `gallery.unknown-person` */
export function requirePerson<P extends Pick<Person, 'id' | 'name' | 'externalId'>>(
  people: readonly P[],
  text: string,
): P {
  const person = findPerson(people, text);
  if (!person) throw new GalleryError('gallery.unknown-person', `nobody in the gallery is known as ${text}`);
  return person;
}
