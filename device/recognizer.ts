import type { TouchComparison } from './gallery/enrolment.ts';
import type { Gallery } from './gallery/gallery.ts';
import type { TouchTemplate } from './gallery/template-codec.ts';
import { modelIdsOf } from './fusion-file.ts';
import type { GrayImage } from './imaging/gray-image.ts';
import { toWorkingResolution } from './imaging/resample.ts';
import { InferenceError } from './inference/errors.ts';
import { thresholdFor, type Budget } from './matching/decision/budget.ts';
import { identify, type PersonScores } from './matching/decision/decide.ts';
import type { ScoreCalibration } from './matching/decision/score-calibration.ts';
import type { FusionFile } from './matching/fusion/fusion-file.ts';
import { fits, Fusion } from './matching/fusion/fusion.ts';
import type { ModelIds, PartScores } from './matching/fusion/parts.ts';
import { MtmMatcher } from './matching/mtm/matcher.ts';
import { cosineOf } from './matching/latent/cosine.ts';
import { describeTouch, type Networks, type TouchDescription } from './matching/siamese/describe.ts';
import type { Grid } from './matching/siamese/grid.ts';
import { headFeeds, readHead } from './matching/siamese/head.ts';
import { storedParts } from './matching/siamese/stored-parts.ts';
import { MinutiaeExtractor } from './minutiae/extract.ts';
import { References, type ReferenceContents, type ReferenceFinger, type ReferencePerson } from './references.ts';
import type { Recognition, Recognizer, Retry } from './terminal.ts';
import { touchComparison } from './touch-comparison.ts';

/** A touch as it would be stored, and its grid as the backbone left it, which says a little more. */
export interface ProbeTouch extends TouchTemplate {
  readonly fresh?: Grid;
}

export interface RecognizerOptions {
  readonly gallery: Gallery;
  readonly calibration: ScoreCalibration;
  readonly budget: Budget;
  /** Without them everything rests on minutiae. */
  readonly networks?: Networks;
  /** Used while the networks are those that it was fitted to. */
  readonly fusion?: FusionFile;
}

/** In a gallery of so many templates every one is compared by its minutiae; of a larger one those that come near. */
const MOST_COMPARED = 200;
/** People that come near: so many by latents, and so many by pairs of minutiae. */
const NEAREST = 16;
/** Touches that the siamese head compares: the likeliest so far. */
const SIAMESE = 16;
/** With fewer minutiae in either touch theirs say nothing. */
const LEAST_MINUTIAE = 4;

/** From a picture to a template, and from a template to whose it is: by minutiae, and by the networks where there are any. */
export class FusedRecognizer implements Recognizer<ProbeTouch> {
  readonly references: References;
  /** How the gallery compares touches when it enrols them. */
  readonly comparison: TouchComparison;
  readonly #extractor = new MinutiaeExtractor();
  readonly #matcher = new MtmMatcher();
  readonly #budget: Budget;
  readonly #networks: Networks | undefined;
  readonly #file: FusionFile | undefined;
  readonly #alone: Fusion;
  readonly #fused: Fusion | undefined;
  /** Those seen last: a process that is started anew comes back with the same ones. */
  #models: ModelIds = {};

  constructor({ gallery, calibration, budget, networks, fusion }: RecognizerOptions) {
    this.references = new References(gallery, this.#matcher);
    this.comparison = touchComparison(this.#matcher, calibration);
    this.#budget = budget;
    this.#networks = networks;
    this.#file = fusion;
    this.#alone = new Fusion(calibration);
    this.#fused = fusion && new Fusion(calibration, fusion);
  }

  /**
   * Reads everything enrolled as these models will see it, which takes a while, so that nobody waits for it when they are
   * ready.
   *
   * @throws GalleryError
   */
  expect(models: ModelIds): void {
    this.#models = models;
    this.contents();
  }

  /** Everything enrolled, as the models in use see it. @throws GalleryError */
  contents(): ReferenceContents {
    if (this.#networks) this.#models = { ...this.#models, ...modelIdsOf(this.#networks) };
    return this.references.current(this.#models.backbone, this.#models.encoder);
  }

  /** @returns `interrupted` where the networks died under this touch: the next one will find them again */
  features(
    image: GrayImage,
    signal?: AbortSignal,
  ): Promise<{ readonly kind: 'features'; readonly features: ProbeTouch } | Retry> {
    return featuresOf(this.#extractor, image, this.#networks, signal);
  }

  /** @throws GalleryError, DecisionError */
  async decide(touch: ProbeTouch, signal?: AbortSignal): Promise<Recognition> {
    const contents = this.contents();
    const fusion = this.#fusion;
    const threshold = thresholdFor(fusion.calibration, this.#budget, contents.templates);
    const scores = await this.#compare(touch, this.#shortlist(touch, contents), fusion, signal);
    const decision = identify(fusion.calibration, threshold, scores);
    const figures = { threshold: threshold.llr, quality: touch.quality };
    if (!('candidate' in decision))
      return { kind: 'denied', reason: contents.templates > 0 ? 'not-recognised' : decision.reason, figures };
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

  get #fusion(): Fusion {
    const running = this.#networks && modelIdsOf(this.#networks);
    return this.#fused && this.#file && running && fits(this.#file, running) ? this.#fused : this.#alone;
  }

  #shortlist(touch: ProbeTouch, { people, templates }: ReferenceContents): ReferencePerson[] {
    if (templates <= MOST_COMPARED) return [...people.values()];
    const { pairs, latents } = this.references;
    const near = new Set(pairs.nearest(touch.minutiae, NEAREST).map(({ person }) => person));
    if (touch.latent) for (const { person } of latents.nearest(touch.latent.values, NEAREST)) near.add(person);
    return [...near].flatMap((id) => people.get(id) ?? []);
  }

  /** By minutiae and latents first, then the likeliest by the siamese head too. */
  async #compare(
    touch: ProbeTouch,
    people: readonly ReferencePerson[],
    fusion: Fusion,
    signal?: AbortSignal,
  ): Promise<PersonScores<ReferencePerson, ReferenceFinger>[]> {
    const probe = this.#matcher.prepare(touch.minutiae);
    const enough = touch.minutiae.minutiae.length >= LEAST_MINUTIAE;
    const compared = people.map((person) => ({
      person,
      fingers: person.fingers.map((finger) => ({
        finger,
        touches: finger.touches.map((reference) => {
          const { template, prepared } = this.references.unpack(reference);
          const { latent, grid } = template;
          const parts: PartScores = {
            ...(enough &&
              template.minutiae.minutiae.length >= LEAST_MINUTIAE && {
                minutiae: this.#matcher.score(probe, prepared),
              }),
            ...(touch.latent &&
              latent?.model === touch.latent.model && { latent: cosineOf(touch.latent.values, latent.values) }),
          };
          const comparable = grid !== undefined && grid.model === touch.grid?.model;
          return { parts, score: fusion.score(parts), grid: comparable ? grid.values : undefined };
        }),
      })),
    }));
    if (touch.fresh && fusion.parts.includes('siamese')) {
      const likeliest = compared
        .flatMap(({ fingers }) => fingers.flatMap(({ touches }) => touches))
        .filter(({ grid }) => grid !== undefined)
        .sort((a, b) => rank(b.score) - rank(a.score))
        .slice(0, SIAMESE);
      const scores = await this.#siamese(
        touch.fresh,
        likeliest.flatMap(({ grid }) => grid ?? []),
        signal,
      );
      scores.forEach((siamese, k) => {
        likeliest[k].score = fusion.score({ ...likeliest[k].parts, siamese });
      });
    }
    return compared.map(({ person, fingers }) => ({
      person,
      fingers: fingers.map(({ finger, touches }) => ({ finger, scores: touches.map(({ score }) => score) })),
    }));
  }

  /** Nothing where the head cannot be used just now: the rest decides. */
  async #siamese(probe: Grid, references: readonly Uint8Array[], signal?: AbortSignal): Promise<number[]> {
    if (this.#networks === undefined || references.length === 0) return [];
    try {
      const outputs = await this.#networks.run('siamese', headFeeds(probe, references), signal);
      return readHead(outputs).map(({ score }) => score);
    } catch (error) {
      if (error instanceof InferenceError) return [];
      throw error;
    }
  }
}

/** Touches of which nothing is known come last. */
function rank(score: number): number {
  return Number.isNaN(score) ? -Infinity : score;
}

/**
 * A sensor's picture as a template, or what to do differently. Without networks, or where they cannot be used, the template
 * is of minutiae alone.
 */
export async function featuresOf(
  extractor: MinutiaeExtractor,
  image: GrayImage,
  networks?: Networks,
  signal?: AbortSignal,
): Promise<{ readonly kind: 'features'; readonly features: ProbeTouch } | Retry> {
  const working = toWorkingResolution(image);
  // Their process works while minutiae are looked for here.
  const describing = networks ? describe(networks, working, signal) : undefined;
  const { template, assessment } = extractor.extract(working);
  const described = await describing;
  if (!assessment.usable) return { kind: 'retry', reason: assessment.advice ?? 'partial' };
  if (described === 'interrupted') return { kind: 'retry', reason: described };
  const touch = { minutiae: template, quality: assessment.quality };
  if (described === undefined) return { kind: 'features', features: touch };
  return { kind: 'features', features: { ...touch, ...storedParts(described), fresh: described.grid.values } };
}

async function describe(
  networks: Networks,
  image: GrayImage,
  signal?: AbortSignal,
): Promise<TouchDescription | 'interrupted' | undefined> {
  try {
    return await describeTouch(networks, image, signal);
  } catch (error) {
    if (!(error instanceof InferenceError)) throw error;
    return error.code === 'inference.died' || error.code === 'inference.hung' ? 'interrupted' : undefined;
  }
}
