import type { Gallery } from './gallery/gallery.ts';
import { decodeTemplate, type TouchTemplate } from './gallery/template-codec.ts';
import { LatentScan } from './matching/latent/latent-scan.ts';
import type { MtmMatcher } from './matching/mtm/matcher.ts';
import type { MtmTemplate } from './matching/mtm/template.ts';
import { PairScan } from './matching/pairs/pair-scan.ts';

/** An enrolled touch, packed: ten thousand of them unpacked would not leave the board enough memory. */
export interface ReferenceTouch {
  readonly id: string;
  readonly packed: Uint8Array;
}

/** A finger that is compared with. */
export interface ReferenceFinger {
  readonly id: string;
  readonly position: string;
  readonly touches: readonly ReferenceTouch[];
}

export interface ReferencePerson {
  readonly id: string;
  readonly name: string;
  readonly fingers: readonly ReferenceFinger[];
}

export interface ReferenceContents {
  readonly people: ReadonlyMap<string, ReferencePerson>;
  /** How many a touch is compared with. */
  readonly templates: number;
  /** Records that could not be read: theirs are not among the templates. */
  readonly damaged: number;
  /** Ids of people none of whose touches has a grid of the backbone in use: the networks cannot tell them. */
  readonly touchAgain: readonly string[];
}

/** An enrolled touch ready to be compared. */
export interface UnpackedTouch {
  readonly template: TouchTemplate;
  readonly prepared: MtmTemplate;
}

/** Touches that stay unpacked, those used last: all of a small gallery, a large one's regulars. Each takes 25 KB. */
const MOST_UNPACKED = 500;
/** Packed touches share blocks of so many bytes: each in a block of its own leaves the memory full of holes. */
const BLOCK = 2 ** 18;
/** Bytes of a latent. */
const LATENT = 256;

/**
 * The gallery in memory, decrypted. It follows the gallery: whoever was enrolled or erased, by any process, is so for the
 * very next touch.
 */
export class References {
  readonly pairs = new PairScan();
  readonly latents = new LatentScan(LATENT);
  readonly #gallery: Gallery;
  readonly #matcher: MtmMatcher;
  /** By a touch's id, which never comes to stand for another. */
  readonly #touches = new Map<string, ReferenceTouch>();
  readonly #unpacked = new Map<string, UnpackedTouch>();
  /** What is left of the last block. */
  #room = new Uint8Array(0);
  #contents: ReferenceContents = { people: new Map(), templates: 0, damaged: 0, touchAgain: [] };
  #revision: number | undefined;
  #models: { readonly backbone: string | undefined; readonly encoder: string | undefined } | undefined;

  constructor(gallery: Gallery, matcher: MtmMatcher) {
    this.#gallery = gallery;
    this.#matcher = matcher;
  }

  /**
   * @param backbone id of the one in use: what others left of touches cannot be compared
   * @param encoder the same
   * @throws GalleryError when the gallery cannot be read
   */
  current(backbone?: string, encoder?: string): ReferenceContents {
    const same = this.#models?.backbone === backbone && this.#models?.encoder === encoder;
    if (!same || this.#gallery.revision !== this.#revision) this.#refresh(backbone, encoder);
    return this.#contents;
  }

  unpack({ id, packed }: ReferenceTouch): UnpackedTouch {
    const known = this.#unpacked.get(id);
    const template = known?.template ?? decodeTemplate(packed);
    const touch = known ?? { template, prepared: this.#matcher.prepare(template.minutiae) };
    // The one used last stands last.
    this.#unpacked.delete(id);
    this.#unpacked.set(id, touch);
    if (this.#unpacked.size > MOST_UNPACKED) for (const [oldest] of this.#unpacked) return this.#forget(oldest, touch);
    return touch;
  }

  #forget(id: string, kept: UnpackedTouch): UnpackedTouch {
    this.#unpacked.delete(id);
    return kept;
  }

  #refresh(backbone: string | undefined, encoder: string | undefined): void {
    const otherEncoder = this.#models?.encoder !== encoder;
    const before = new Set(this.#touches.keys());
    const touchAgain: string[] = [];
    const references = new Map<string, ReferencePerson>();
    const { revision, damaged } = this.#gallery.eachPerson(({ id: person, name, fingers }) => {
      const kept = fingers.map(({ id, position, templates }) => ({
        id,
        position,
        touches: templates.map(({ id: touch, template, packed }): ReferenceTouch => {
          const known = before.delete(touch);
          if (otherEncoder) this.latents.remove(touch);
          if ((otherEncoder || !known) && template.latent && template.latent.model === encoder)
            this.latents.add(touch, person, template.latent.values);
          if (!known) this.pairs.add(touch, person, template.minutiae);
          const reference = this.#touches.get(touch) ?? { id: touch, packed: this.#keep(packed) };
          this.#touches.set(touch, reference);
          return reference;
        }),
      }));
      references.set(person, { id: person, name, fingers: kept });
      const told = fingers.some(({ templates }) =>
        templates.some(({ template: { grid } }) => grid?.model === backbone),
      );
      if (backbone !== undefined && !told) touchAgain.push(person);
    });
    for (const touch of before) {
      this.#touches.get(touch)?.packed.fill(0);
      this.#touches.delete(touch);
      this.#unpacked.delete(touch);
      this.pairs.remove(touch);
      this.latents.remove(touch);
    }
    this.#contents = { people: references, templates: this.#touches.size, damaged: damaged.length, touchAgain };
    this.#revision = revision;
    this.#models = { backbone, encoder };
  }

  #keep(packed: Uint8Array): Uint8Array {
    if (this.#room.length < packed.length) this.#room = new Uint8Array(Math.max(BLOCK, packed.length));
    const kept = this.#room.subarray(0, packed.length);
    kept.set(packed);
    this.#room = this.#room.subarray(packed.length);
    return kept;
  }
}
