import type { SensorCalibration, SensorFindings } from './measure-sensor.ts';

/** `fine`: nothing to do. `corrected`: wrong, and put right in every capture from now on. `act`: a technician must. */
export type Judgement = 'fine' | 'corrected' | 'act';

export interface Finding {
  readonly judgement: Judgement;
  /** One sentence for a technician. */
  readonly words: string;
}

/** Spread of the answer over the plate (strongest to weakest) that nobody need care about. */
const EVEN = 1.25;
/** The weakest region's answer, grays between empty and full, under which correction would show noise. */
const LEAST_ANSWER = 40;
/** The noise of a pixel, as a part of its answer, that recognition bears. */
const MOST_NOISE = 0.2;
/** Shares of all pixels that may be dead in a sensor that is fine, and in one that may still be used. */
const FEW_DEAD = 0.002;
const MOST_DEAD = 0.02;
const MOST_DEAD_LINES = 4;
/** Difference of resolution, percent, that recognition does not notice. */
const SAME_RESOLUTION = 0.5;
/** Difference between two directions of the target, percent, that speaks of a target that did not lie flat. */
const MOST_SPREAD = 1;
/** Standard errors of the ridges' resolution that raise suspicion. */
const SUSPICIOUS = 3;
/** Share of the picture that must be usable. */
const LEAST_USABLE = 0.8;
const LEAST_QUALITY = 30;

/** What was found, in words, the worst judgement telling whether the sensor may be used. */
export function judgeSensor({ profile, findings }: SensorCalibration): readonly Finding[] {
  const pixels = profile.width * profile.height;
  return [
    ...judgePolarity(findings),
    ...judgeGain(findings),
    ...judgeNoise(findings),
    ...judgeDead(findings, pixels),
    ...judgeArea(profile, pixels),
    ...judgeResolution(findings),
    ...judgeTouches(findings),
  ];
}

export function worstOf(findings: readonly Finding[]): Judgement {
  const judgements = findings.map(({ judgement }) => judgement);
  if (judgements.includes('act')) return 'act';
  return judgements.includes('corrected') ? 'corrected' : 'fine';
}

function judgePolarity({ polarity }: SensorFindings): Finding[] {
  if (polarity === 'dark-ridges') return [{ judgement: 'fine', words: 'ridges are dark' }];
  return [{ judgement: 'corrected', words: 'ridges came bright: captures are turned to dark ridges' }];
}

function judgeGain({ gain, gainAfter, fields }: SensorFindings): Finding[] {
  if (gain === undefined)
    return [
      { judgement: 'act', words: 'evenness unknown: let the sensor see its empty plate, or more touches all over it' },
    ];
  const { least, most, usual, rises } = gain;
  const seen = `the answer to skin runs from ${percent(least)} to ${percent(most)} of the usual ${usual.toFixed(0)} grays`;
  const estimated =
    fields === 'empty and full'
      ? ''
      : ` (estimated from ${fields === 'touches' ? 'touches' : 'the empty plate alone'})`;
  if (least * usual < LEAST_ANSWER)
    return [
      {
        judgement: 'act',
        words: `${seen}${estimated}: too weak in places, the lamp or the plate is worn: replace the sensor`,
      },
    ];
  if (most <= EVEN * least) return [{ judgement: 'fine', words: seen + estimated }];
  const after = gainAfter === undefined ? '' : `: evened to ${percent(gainAfter.least)} … ${percent(gainAfter.most)}`;
  return [{ judgement: 'corrected', words: `${seen}, rising to the ${sideOf(rises)}${estimated}${after}` }];
}

function judgeNoise({ noise, gain }: SensorFindings): Finding[] {
  if (noise === undefined || gain === undefined) return [];
  const words = `a pixel’s noise is ${noise.toFixed(1)} grays`;
  return noise <= MOST_NOISE * gain.usual
    ? [{ judgement: 'fine', words }]
    : [
        {
          judgement: 'act',
          words: `${words}: too much beside ${gain.usual.toFixed(0)} grays of answer: check cable and power, then replace the sensor`,
        },
      ];
}

function judgeDead({ dead: { pixels, columns, rows, single } }: SensorFindings, all: number): Finding[] {
  if (pixels.length === 0) return [{ judgement: 'fine', words: 'no dead pixels' }];
  const counted = [
    plural(single, 'dead pixel'),
    ...(columns.length > 0 ? [`${plural(columns.length, 'dead column')} (${columns.join(', ')})`] : []),
    ...(rows.length > 0 ? [`${plural(rows.length, 'dead row')} (${rows.join(', ')})`] : []),
  ].join(', ');
  if (pixels.length > MOST_DEAD * all || columns.length + rows.length > MOST_DEAD_LINES)
    return [{ judgement: 'act', words: `${counted}: too many, replace the sensor` }];
  if (single > FEW_DEAD * all)
    return [
      { judgement: 'act', words: `${counted}: more likely dirt or scratches, clean the plate and calibrate again` },
    ];
  return [{ judgement: 'corrected', words: `${counted}: their neighbours stand in for them` }];
}

function judgeArea({ usable, width, height }: SensorCalibration['profile'], pixels: number): Finding[] {
  const share = (usable.width * usable.height) / pixels;
  const words = `skin can be seen on ${usable.width} × ${usable.height} of ${width} × ${height} pixels`;
  if (share === 1) return [{ judgement: 'fine', words }];
  if (share >= LEAST_USABLE) return [{ judgement: 'corrected', words: `${words}: the rest is cut off` }];
  return [{ judgement: 'act', words: `${words}: something covers the plate, or the sensor is worn` }];
}

function judgeResolution({ target, ridges, claimedDpi }: SensorFindings): Finding[] {
  if (target !== undefined) {
    const off = 100 * (target.dpi / claimedDpi - 1);
    const words = `the resolution is ${target.dpi.toFixed(1)} dpi by the target (${off >= 0 ? '+' : ''}${off.toFixed(1)} % to the ${claimedDpi} dpi that the sensor claims)`;
    if (target.spread > MOST_SPREAD)
      return [
        {
          judgement: 'act',
          words: `${words}, but its captures differ by ${target.spread.toFixed(1)} %: lay the target flat and calibrate again`,
        },
      ];
    if (Math.abs(off) <= SAME_RESOLUTION) return [{ judgement: 'fine', words }];
    return [{ judgement: 'corrected', words }];
  }
  if (ridges === undefined)
    return [{ judgement: 'act', words: 'the resolution is unknown: let the sensor see a ruled target, or touches' }];
  const words = `the resolution is ${ridges.dpi.toFixed(0)} ± ${ridges.error.toFixed(0)} dpi by the ridges of ${plural(ridges.touches, 'touch', 'touches')}`;
  return Math.abs(ridges.dpi - claimedDpi) <= SUSPICIOUS * ridges.error
    ? [{ judgement: 'fine', words: `${words}, as the ${claimedDpi} dpi that the sensor claims` }]
    : [
        {
          judgement: 'act',
          words: `${words}, not the ${claimedDpi} dpi that the sensor claims: measure it with a ruled target`,
        },
      ];
}

function judgeTouches({ quality }: SensorFindings): Finding[] {
  if (quality === undefined) return [];
  const words = `touches have quality ${quality.before.toFixed(0)} before and ${quality.after.toFixed(0)} after (of 100)`;
  return quality.after >= LEAST_QUALITY
    ? [{ judgement: 'fine', words }]
    : [{ judgement: 'act', words: `${words}: touch again with clean fingers, else replace the sensor` }];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

const SIDES = ['right', 'lower right', 'bottom', 'lower left', 'left', 'upper left', 'top', 'upper right'] as const;

/** @param direction radians from x towards y */
function sideOf(direction: number): string {
  return SIDES[((Math.round((4 * direction) / Math.PI) % 8) + 8) % 8];
}
