import type { Gallery } from './gallery/gallery.ts';
import type { TouchTemplate } from './gallery/template-codec.ts';
import type { MtmMatcher } from './matching/mtm/matcher.ts';
import type { MtmTemplate } from './matching/mtm/template.ts';

/** A finger ready to be compared with. */
export interface ReferenceFinger {
  readonly id: string;
  readonly position: string;
  readonly templates: readonly MtmTemplate[];
}

export interface ReferencePerson {
  readonly id: string;
  readonly name: string;
  readonly fingers: readonly ReferenceFinger[];
}

export interface ReferenceContents {
  readonly people: readonly ReferencePerson[];
  /** How many a touch is compared with. */
  readonly templates: number;
  /** Records that could not be read: theirs are not among the templates. */
  readonly damaged: number;
}

/**
 * The gallery in memory, decrypted and prepared for the matcher. It follows the gallery: whoever was enrolled or
 * erased, by any process, is so for the very next touch.
 */
export class References {
  readonly #gallery: Gallery;
  readonly #matcher: MtmMatcher;
  /** By a template's id, which never comes to stand for another. */
  #prepared = new Map<string, MtmTemplate>();
  #contents: ReferenceContents = { people: [], templates: 0, damaged: 0 };
  #revision: number | undefined;

  constructor(gallery: Gallery, matcher: MtmMatcher) {
    this.#gallery = gallery;
    this.#matcher = matcher;
  }

  /** @throws GalleryError when the gallery cannot be read */
  current(): ReferenceContents {
    if (this.#gallery.revision !== this.#revision) this.#refresh();
    return this.#contents;
  }

  #refresh(): void {
    const { revision, people, damaged } = this.#gallery.contents();
    const prepared = new Map<string, MtmTemplate>();
    const prepare = (id: string, template: TouchTemplate): MtmTemplate => {
      const done = this.#prepared.get(id) ?? this.#matcher.prepare(template.minutiae);
      prepared.set(id, done);
      return done;
    };
    const references = people.map(({ id, name, fingers }) => ({
      id,
      name,
      fingers: fingers.map((finger) => ({
        id: finger.id,
        position: finger.position,
        templates: finger.templates.map((stored) => prepare(stored.id, stored.template)),
      })),
    }));
    this.#prepared = prepared;
    this.#contents = { people: references, templates: prepared.size, damaged: damaged.length };
    this.#revision = revision;
  }
}
