import type { DeclaredValues, ModelEntry, ModelFile } from '../device/inference/manifest.ts';

interface Words {
  readonly title: string;
  readonly does: string;
  /** What each input and output holds. */
  readonly values: Readonly<Record<string, string>>;
}

const WORDS: Readonly<Record<string, Words>> = {
  backbone: {
    title: 'Backbone',
    does: 'A print to a grid of local descriptors, one for each 8 × 8 pixels at 250 dpi. It runs once a touch. Of the grid a window of 12 × 12 cells is kept in the template (`siamese` compares such windows), and where the cells say that they lie gives the print’s pose, by which the `encoder` sees it upright.',
    values: {
      image: 'gray 0 to 1 at 250 dpi, dark ridges on light, sides multiples of 8 (padded with white)',
      descriptors:
        'of length 1 a cell; numbers 0–11 do not turn with the print, 12–29 turn with it, 30–47 twice as fast',
      confidence: '0 to 1: how far the cell is to be relied on',
      place:
        'where the cell lies on an upright finger: x and y from its middle in units of 100 pixels at 500 dpi, y down; then cosine and sine of the print’s rotation, counter-clockwise',
    },
  },
  encoder: {
    title: 'Encoder',
    does: 'A print, turned upright and centred, to a latent that is compared by cosine: the first look through all that are enrolled. It was trained to rebuild the print without its blemishes and to hold the impressions of a finger together; the decoder that rebuilds prints does not ship.',
    values: {
      print: 'gray 0 to 1 at 250 dpi, the finger’s middle in the middle, white beyond the picture',
      latent: '−1 to 1; stored as 256 bytes, 127 times the value',
    },
  },
  siamese: {
    title: 'Siamese head',
    does: 'Two windows of the `backbone`’s grid to the probability that they are of one finger: the probe at every rotation within ±30° and every shift within 7 cells of each reference; the best alignment counts. Its few numbers were trained with the backbone.',
    values: {
      probe: 'descriptors of 12 × 12 cells, row by row',
      probe_weight: 'their confidences',
      references: 'the same of stored windows: ±1/√48',
      references_weight: 'their confidences',
      probability: 'of the same finger, uncalibrated',
      score: 'of the best alignment',
      rotation: 'radians, counter-clockwise: the probe turned about its middle by it …',
      shift: '… and then moved by x and y, cells, lies over the reference',
    },
  },
};

/** A model's card in Markdown, from its manifest. */
export function modelCard(name: string, entry: ModelEntry): string {
  const { title, does, values } = WORDS[name];
  const { id, inputs, outputs, files, licence, training } = entry;
  return `# ${title}

${does}

Model \`${id}\`, licence ${licence}. Written by \`whorl calibrate models\`, as is \`manifest.json\`, which holds every figure in full.

| value | shape | what it holds |
| ----- | ----- | ------------- |
${rowsOf('in', inputs, values)}
${rowsOf('out', outputs, values)}

| file | precision | MB | SHA-256 | cosine to float, mean / least |
| ---- | --------- | -- | ------- | ----------------------------- |
${files.map(fileRow).join('\n')}

## Training

Artificial fingers only (\`models/synthesis\`): no person’s print was used, and none can come out of it. Code, configuration and
commands are in \`models/training\`.

\`\`\`json
${JSON.stringify(withoutCurve(training), undefined, 1)}
\`\`\`

## What it is not

It does not tell a live finger from a forgery. It was made for adults’ fingers on flat sensors of 250 dpi and more; its error
rates on real prints are in README, always together with minutiae, and it is not meant to decide alone.
`;
}

function rowsOf(direction: string, declared: DeclaredValues, words: Words['values']): string {
  return Object.entries(declared)
    .map(([name, { shape }]) => `| ${direction}: \`${name}\` | ${shape.join(' × ')} | ${words[name]} |`)
    .join('\n');
}

function fileRow({ path, precision, bytes, sha256, quantization }: ModelFile): string {
  const cosines = Object.entries(quantization?.cosine ?? {})
    .map(([output, { mean, least }]) => `${output} ${mean.toFixed(4)} / ${least.toFixed(4)}`)
    .join(', ');
  return `| \`${path}\` | ${precision} | ${(bytes / 1e6).toFixed(2)} | \`${sha256.slice(0, 16)}\` | ${cosines} |`;
}

/** The curve is long, and in the manifest. */
function withoutCurve(training: ModelEntry['training']): Record<string, unknown> {
  return Object.fromEntries(Object.entries(training).filter(([name]) => name !== 'curve'));
}
