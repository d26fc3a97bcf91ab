/** What a comparison of two touches can rest on; a part is missing where a touch has not what it compares. */
export const PARTS = ['minutiae', 'siamese', 'latent'] as const;
export type Part = (typeof PARTS)[number];

/** What each matcher says of one comparison. Missing parts are absent or not a number. */
export type PartScores = Readonly<Partial<Record<Part, number>>>;

/** The parts that are there, in the order of `PARTS`. */
export function partsOf(scores: PartScores): Part[] {
  return PARTS.filter((part) => !Number.isNaN(scores[part] ?? NaN));
}

/** The models that comparisons rest on, as their manifest names them. */
export const MODELS = ['backbone', 'encoder', 'siamese'] as const;

/** Which of the models these scores came from: templates and calibrations of others say nothing of them. */
export type ModelIds = Readonly<Partial<Record<(typeof MODELS)[number], string>>>;
