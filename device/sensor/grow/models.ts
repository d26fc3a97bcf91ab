/** What is known of a model before it is asked. */
export interface ModelFacts {
  /** Of its pictures (maker's pages; R307 and AS608 by common use). */
  readonly dpi: number;
  /** Of the R503 kind: shakes hands, has product information and an aura lamp. On AS608 clones the same codes do other things. */
  readonly modern: boolean;
}

const FACTS: Readonly<Record<string, ModelFacts>> = {
  R303: { dpi: 508, modern: false },
  R304: { dpi: 508, modern: false },
  R305: { dpi: 500, modern: false },
  R307: { dpi: 500, modern: false },
  R308: { dpi: 500, modern: false },
  R503: { dpi: 508, modern: true },
  R551: { dpi: 508, modern: false },
  AS608: { dpi: 500, modern: false },
  FPM10A: { dpi: 500, modern: false },
  'ZFM-20': { dpi: 500, modern: false },
};

export const UNKNOWN_MODEL: ModelFacts = { dpi: 500, modern: false };

/** By the model's name as the operator or the module writes it: an `R503-M22` is an R503. */
export function factsOf(model: string): ModelFacts | undefined {
  const upper = model.toUpperCase();
  const known = Object.keys(FACTS).find((name) => upper.startsWith(name));
  return known === undefined ? undefined : FACTS[known];
}
