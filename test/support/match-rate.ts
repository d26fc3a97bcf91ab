import { toWorkingResolution } from '../../device/imaging/resample.ts';
import type { GrayImage } from '../../device/imaging/gray-image.ts';
import { MtmMatcher } from '../../device/matching/mtm/matcher.ts';
import type { MtmTemplate } from '../../device/matching/mtm/template.ts';
import { MinutiaeExtractor } from '../../device/minutiae/extract.ts';
import type { Finger } from '../../models/synthesis/finger.ts';

/** Draws a touch: of the finger, by its seed. */
export type DrawTouch = (finger: Finger, seed: number) => GrayImage;

/** What touches score with their own finger. */
export interface GenuineScores {
  /** The part of the touches that reach a score. */
  readonly rateFrom: (least: number) => number;
  readonly mean: number;
}

const ENROLLED = 4;
const FIRST_TRIED = 5_000;

/** How well touches at one sensor match what was enrolled at another; by minutiae, best of the finger's templates. */
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

  /** @param touches of each finger */
  run(draw: DrawTouch, touches: number): GenuineScores {
    const scores: number[] = [];
    for (const [index, finger] of this.#fingers.entries())
      for (let number = 0; number < touches; number++) {
        const probe = this.#prepare(draw(finger, FIRST_TRIED + number));
        scores.push(Math.max(...this.#references[index].map((reference) => this.#matcher.score(probe, reference))));
      }
    return {
      rateFrom: (least) => scores.filter((score) => score >= least).length / scores.length,
      mean: scores.reduce((sum, score) => sum + score, 0) / scores.length,
    };
  }

  #prepare(image: GrayImage): MtmTemplate {
    return this.#matcher.prepare(this.#extractor.extract(toWorkingResolution(image)).template);
  }
}
