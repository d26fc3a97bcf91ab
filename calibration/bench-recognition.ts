import { encodeTemplate } from '../device/gallery/template-codec.ts';
import type { GrayImage } from '../device/imaging/gray-image.ts';
import { MtmMatcher } from '../device/matching/mtm/matcher.ts';
import { MinutiaeExtractor } from '../device/minutiae/extract.ts';
import { timed, type Figure } from './figures.ts';

/** What one thread needs for a template, and for comparisons of two (every ordered pair is compared). */
export type RecognitionFigures = Readonly<Record<'extraction' | 'comparison' | 'size', Figure>>;

/** @param images at 500 dpi, two at least */
export function benchRecognition(images: readonly GrayImage[], rounds: number): RecognitionFigures {
  const extractor = new MinutiaeExtractor();
  const extractMs = timed(rounds, () => {
    for (const image of images) extractor.extract(image);
  });

  const extractions = images.map((image) => extractor.extract(image));
  const matcher = new MtmMatcher();
  const templates = extractions.map(({ template }) => matcher.prepare(template));
  const compareMs = timed(rounds, () => {
    for (const probe of templates)
      for (const reference of templates) if (probe !== reference) matcher.score(probe, reference);
  });
  const comparisons = templates.length * (templates.length - 1);

  return {
    extraction: { what: 'extract a template', unit: 'ms', rounds: extractMs.map((ms) => ms / images.length) },
    comparison: {
      what: 'Minutia Tensor Matrix comparisons',
      unit: '/s',
      rounds: compareMs.map((ms) => (1000 * comparisons) / ms),
    },
    size: {
      what: 'template of minutiae',
      unit: 'B',
      rounds: extractions.map(
        ({ template, assessment }) => encodeTemplate({ minutiae: template, quality: assessment.quality }).length,
      ),
    },
  };
}
