import { readFile } from 'node:fs/promises';
import { encodeTemplate } from '../../device/gallery/template-codec.ts';
import { decodeImage } from '../../device/imaging/decode.ts';
import { MtmMatcher } from '../../device/matching/mtm/matcher.ts';
import { MinutiaeExtractor } from '../../device/minutiae/extract.ts';
import { timed, type Figure } from './figures.ts';
import { measureSourceAfis } from './source-afis.ts';

const ROUNDS = 9;

/** Extraction of a template and comparison of every ordered pair, one thread, over picture files of 300 × 300. */
export async function benchRecognition(files: readonly string[], withPeer: boolean): Promise<Figure[]> {
  const images = await Promise.all(files.map(async (file) => decodeImage(await readFile(file))));
  const extractor = new MinutiaeExtractor();
  const extractMs = timed(ROUNDS, () => {
    for (const image of images) extractor.extract(image);
  }).map((ms) => ms / images.length);

  const extractions = images.map((image) => extractor.extract(image));
  const matcher = new MtmMatcher();
  const templates = extractions.map(({ template }) => matcher.prepare(template));
  let comparisons = 0;
  const comparisonsPerSecond = timed(ROUNDS, () => {
    comparisons = 0;
    for (const probe of templates)
      for (const reference of templates)
        if (probe !== reference) {
          matcher.score(probe, reference);
          comparisons++;
        }
  }).map((ms) => comparisons / (ms / 1000));

  const peer = withPeer ? await measureSourceAfis(files, ROUNDS) : undefined;
  const bytes = extractions.map(
    ({ template, assessment }) => encodeTemplate({ minutiae: template, quality: assessment.quality }).length,
  );
  return [
    { what: 'extract a template, 300 × 300', unit: 'ms', rounds: extractMs, ...(peer && { peer: peer.extractMs }) },
    {
      what: 'Minutia Tensor Matrix comparisons, one core',
      unit: '/s',
      rounds: comparisonsPerSecond,
      ...(peer && { peer: peer.comparisonsPerSecond }),
    },
    { what: 'template of minutiae', unit: 'B', rounds: bytes },
  ];
}
