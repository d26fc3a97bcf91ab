import type { TouchComparison } from './gallery/enrolment.ts';
import type { Gallery } from './gallery/gallery.ts';
import type { TouchTemplate } from './gallery/template-codec.ts';
import type { GrayImage } from './imaging/gray-image.ts';
import { toWorkingResolution } from './imaging/resample.ts';
import { thresholdFor, type Budget } from './matching/decision/budget.ts';
import { identify, type PersonScores } from './matching/decision/decide.ts';
import type { ScoreCalibration } from './matching/decision/score-calibration.ts';
import { MtmMatcher } from './matching/mtm/matcher.ts';
import type { MtmTemplate } from './matching/mtm/template.ts';
import { MinutiaeExtractor } from './minutiae/extract.ts';
import { References, type ReferenceFinger, type ReferencePerson } from './references.ts';
import type { Recognition, Recognizer, Retry } from './terminal.ts';
import { touchComparison } from './touch-comparison.ts';

export interface RecognizerOptions {
  readonly gallery: Gallery;
  readonly calibration: ScoreCalibration;
  readonly budget: Budget;
}

/** Recognition by minutiae: from a picture to a template, and from a template to whose it is. */
export class MinutiaeRecognizer implements Recognizer<TouchTemplate> {
  readonly references: References;
  /** How the gallery compares touches when it enrols them. */
  readonly comparison: TouchComparison;
  readonly #extractor = new MinutiaeExtractor();
  readonly #matcher = new MtmMatcher();
  readonly #calibration: ScoreCalibration;
  readonly #budget: Budget;

  constructor({ gallery, calibration, budget }: RecognizerOptions) {
    this.references = new References(gallery, this.#matcher);
    this.comparison = touchComparison(this.#matcher, calibration);
    this.#calibration = calibration;
    this.#budget = budget;
  }

  features(image: GrayImage): { readonly kind: 'features'; readonly features: TouchTemplate } | Retry {
    return featuresOf(this.#extractor, image);
  }

  /** @throws GalleryError, DecisionError */
  decide(touch: TouchTemplate): Recognition {
    const probe = this.#matcher.prepare(touch.minutiae);
    const { people, templates } = this.references.current();
    const threshold = thresholdFor(this.#calibration, this.#budget, templates);
    const decision = identify(this.#calibration, threshold, this.#compare(probe, people));
    const figures = { threshold: threshold.llr, quality: touch.quality };
    if (!('candidate' in decision)) return { kind: 'denied', reason: decision.reason, figures };
    const { person, finger, evidence } = decision.candidate;
    const shown = { llr: evidence.llr, score: evidence.score, ...figures };
    switch (decision.kind) {
      case 'match':
        return { kind: 'recognised', person, finger: finger.position, figures: shown };
      case 'ambiguous':
        return { kind: 'denied', reason: 'ambiguous', figures: shown };
      case 'no-match':
        return { kind: 'denied', reason: 'not-recognised', figures: shown };
    }
  }

  *#compare(
    probe: MtmTemplate,
    people: readonly ReferencePerson[],
  ): Generator<PersonScores<ReferencePerson, ReferenceFinger>> {
    for (const person of people)
      yield {
        person,
        fingers: person.fingers.map((finger) => ({
          finger,
          scores: finger.templates.map((reference) => this.#matcher.score(probe, reference)),
        })),
      };
  }
}

/** A sensor's picture as a template, or what to do differently. */
export function featuresOf(
  extractor: MinutiaeExtractor,
  image: GrayImage,
): { readonly kind: 'features'; readonly features: TouchTemplate } | Retry {
  const { template, assessment } = extractor.extract(toWorkingResolution(image));
  if (!assessment.usable) return { kind: 'retry', reason: assessment.advice ?? 'partial' };
  return { kind: 'features', features: { minutiae: template, quality: assessment.quality } };
}
