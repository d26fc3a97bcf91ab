import { toWorkingResolution } from '../../device/imaging/resample.ts';
import type { GrayImage } from '../../device/imaging/gray-image.ts';
import { MtmMatcher } from '../../device/matching/mtm/matcher.ts';
import type { MtmTemplate } from '../../device/matching/mtm/template.ts';
import { MinutiaeExtractor } from '../../device/minutiae/extract.ts';
import type { Finger } from '../../models/synthesis/finger.ts';

/** Draws a touch: of the finger, by its seed. */
export type DrawTouch = (finger: Finger, seed: number) => GrayImage;

export interface MatchRate {
  /** Touches that reach the score with their own finger, as a part of all touches. */
  readonly matched: number;
  /** Median score of a touch with its own finger. */
  readonly score: number;
}

const ENROLLED = 4;
const FIRST_TRIED = 5_000;

/** How many touches at one sensor match what was enrolled at another; by minutiae, best of the finger's templates. */
export class MatchTrial {
  readonly #extractor = new MinutiaeExtractor();
  readonly #matcher = new MtmMatcher();
  readonly #fingers: readonly Finger[];
  readonly #references: readonly MtmTemplate[][];

  constructor(fingers: readonly Finger[], enrol: DrawTouch) {
    this.#fingers = fingers;
    this.#references = fingers.map((finger) =>
      Array.from({ length: ENROLLED }, (_, number) => this.#prepare(enrol(finger, number))),
    );
  }

  /** @param touches of each finger @param least score that counts as a match */
  run(draw: DrawTouch, touches: number, least: number): MatchRate {
    const scores: number[] = [];
    for (const [index, finger] of this.#fingers.entries())
      for (let number = 0; number < touches; number++) {
        const probe = this.#prepare(draw(finger, FIRST_TRIED + number));
        scores.push(Math.max(...this.#references[index].map((reference) => this.#matcher.score(probe, reference))));
      }
    scores.sort((a, b) => a - b);
    return {
      matched: scores.filter((score) => score >= least).length / scores.length,
      score: scores[scores.length >> 1],
    };
  }

  #prepare(image: GrayImage): MtmTemplate {
    return this.#matcher.prepare(this.#extractor.extract(toWorkingResolution(image)).template);
  }
}
