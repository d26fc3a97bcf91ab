import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { EnrolmentResult } from '../../device/gallery/enrolment.ts';
import { GalleryError } from '../../device/gallery/errors.ts';
import type { FingerPosition } from '../../device/gallery/finger-position.ts';
import { Gallery } from '../../device/gallery/gallery.ts';
import type { Finger } from '../../device/gallery/person.ts';
import { artificialComparison, artificialTouch } from './artificial-touch.ts';
import { ManualClock } from './manual-clock.ts';
import { scratch } from './scratch.ts';

export interface TestGallery {
  readonly gallery: Gallery;
  readonly path: string;
  readonly key: Buffer;
  /** Closes and opens again. */
  readonly reopen: () => Gallery;
}

/** An empty gallery on disk, closed and gone when the test ends. */
export function emptyGallery(context: TestContext): TestGallery {
  const path = join(scratch(context), 'gallery.db');
  const key = randomBytes(32);
  const open = (): Gallery => {
    const gallery = Gallery.open({ path, key, clock: new ManualClock() });
    context.after(() => {
      gallery.close();
    });
    return gallery;
  };
  const gallery = open();
  return {
    gallery,
    path,
    key,
    reopen: () => {
      gallery.close();
      return open();
    },
  };
}

/** Enrols three artificial touches of a finger of that name. */
export function enrolArtificial(
  gallery: Gallery,
  person: string,
  name: string,
  position: FingerPosition = 'right-index',
): EnrolmentResult {
  const touches = [0, 1, 2].map((touch) => artificialTouch(name, touch));
  return gallery.enrol({ person, position, touches, comparison: artificialComparison });
}

/** The finger of an enrolment that must have succeeded. */
export function enrolled(result: EnrolmentResult): Finger {
  if (result.kind !== 'enrolled') throw new Error(`not enrolled but ${result.kind}`);
  return result.finger;
}

/** For `assert.throws`: whether the gallery refused with this code. */
export const coded =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof GalleryError && error.code === code;
