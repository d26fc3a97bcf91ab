import { MinutiaeError } from './errors.ts';
import type { Minutia, MinutiaeTemplate, MinutiaType } from './minutia.ts';

/**
 * A finger minutiae record as it stands in a file, field by field in the file's own units, so that writing what was
 * read gives the same bytes. Clause and table numbers are those of ISO/IEC 19794-2:2005 and ANSI/INCITS 378-2004.
 */
export type MinutiaeRecord = Iso19794Record | Ansi378Record;

export interface Iso19794Record extends RecordHeader {
  readonly standard: 'ISO/IEC 19794-2:2005';
}

export interface Ansi378Record extends RecordHeader {
  readonly standard: 'ANSI/INCITS 378-2004';
  /** CBEFF product identifier of the software that made the record: its owner at IBIA and the owner's number for it. */
  readonly product: { readonly owner: number; readonly type: number };
  /** The record's length stands in 6 bytes instead of 2: needed from 64 KiB on, allowed below. */
  readonly longLength: boolean;
}

interface RecordHeader {
  /** 4 bits of the device's certifications, 12 bits of its vendor's number for it. */
  readonly captureDevice: number;
  /** Size of the impressions in pixels. */
  readonly width: number;
  readonly height: number;
  /** Pixels per centimetre. */
  readonly resolutionX: number;
  readonly resolutionY: number;
  readonly reserved: number;
  readonly views: readonly MinutiaeView[];
  /** Bytes after the last view: the last block of NIST's own ANSI sample states two bytes fewer than it has. */
  readonly trailing: Uint8Array;
}

/** The minutiae of one impression. */
export interface MinutiaeView {
  /** 0 unknown, 1 right thumb … 5 right little finger, 6 left thumb … 10 left little finger. */
  readonly fingerPosition: number;
  /** Counts the views of the same finger, from 0. */
  readonly viewNumber: number;
  /** 0 live-scan plain, 1 live-scan rolled, 2 and 3 not live, 8 swipe. */
  readonly impressionType: number;
  /** 0 to 100. */
  readonly quality: number;
  readonly minutiae: readonly RecordedMinutia[];
  readonly extended: ExtendedData;
}

export interface RecordedMinutia {
  /** 0 other, 1 ending, 2 bifurcation; 3 is reserved. */
  readonly type: number;
  readonly x: number;
  readonly y: number;
  /** The two bits beside y. */
  readonly reserved: number;
  /** In the standard's unit, see `ANGLE_UNIT`. */
  readonly angle: number;
  /** 1 to 100; 0 says that it was not measured. */
  readonly quality: number;
}

/** Ridge counts, cores and deltas, zonal quality and vendors' own areas: kept as they stand, not interpreted. */
export interface ExtendedData {
  /** What the block states of itself; the last block of NIST's own ISO sample states one byte more than it has. */
  readonly statedLength: number;
  readonly data: Uint8Array;
}

/** Radians of one angle unit: ISO divides the circle by 256 (1.40625°), ANSI counts in steps of 2°. */
export const ANGLE_UNIT: Readonly<Record<MinutiaeRecord['standard'], number>> = {
  'ISO/IEC 19794-2:2005': Math.PI / 128,
  'ANSI/INCITS 378-2004': Math.PI / 90,
};

/** 500 dpi as these records state it: pixels per centimetre, rounded (500 / 2.54 = 196.85). */
const WORKING_RESOLUTION = 197;
/** Pixels per centimetre of a plausible fingerprint, 100 to 2,000 dpi: outside it the header is damaged. */
const RESOLUTION_RANGE = { least: 39, most: 788 };
/** Stands for a quality that was not measured: nothing speaks for the minutia and nothing against it. */
const UNMEASURED_QUALITY = 50;

const TYPES: readonly MinutiaType[] = ['other', 'ending', 'bifurcation', 'other'];

/**
 * The minutiae of one view in Whorl's own units: pixels at 500 dpi, radians.
 * @throws MinutiaeError `minutiae.corrupt-record` where there is no such view or the resolution cannot be
 */
export function templateOf(record: MinutiaeRecord, viewIndex = 0): MinutiaeTemplate {
  const view = record.views.at(viewIndex);
  if (view === undefined)
    throw new MinutiaeError(
      'minutiae.corrupt-record',
      `the record has ${record.views.length} finger views, number ${viewIndex + 1} was asked for`,
    );
  const scaleX = toWorkingScale(record.resolutionX);
  const scaleY = toWorkingScale(record.resolutionY);
  const unit = ANGLE_UNIT[record.standard];
  const minutiae = view.minutiae.map(({ x, y, angle, type, quality }): Minutia => ({
    x: x * scaleX,
    y: y * scaleY,
    direction: (angle * unit) % (2 * Math.PI),
    type: TYPES[type],
    quality: quality === 0 ? UNMEASURED_QUALITY : Math.min(quality, 100),
  }));
  return {
    width: sizeAround(
      record.width * scaleX,
      minutiae.map(({ x }) => x),
    ),
    height: sizeAround(
      record.height * scaleY,
      minutiae.map(({ y }) => y),
    ),
    minutiae,
  };
}

/** The size of the impression, larger where minutiae lie outside of what the header states. */
function sizeAround(stated: number, coordinates: readonly number[]): number {
  return Math.max(Math.round(stated), ...coordinates.map((coordinate) => Math.floor(coordinate) + 1));
}

function toWorkingScale(resolution: number): number {
  if (resolution < RESOLUTION_RANGE.least || resolution > RESOLUTION_RANGE.most)
    throw new MinutiaeError(
      'minutiae.corrupt-record',
      `the record states ${resolution} pixels per centimetre, which no fingerprint scanner has (500 dpi are 197)`,
    );
  return WORKING_RESOLUTION / resolution;
}

/** What a new record says of one impression. */
export interface ViewSource {
  readonly template: MinutiaeTemplate;
  readonly fingerPosition?: number;
  readonly impressionType?: number;
  /** 0 to 100. */
  readonly quality?: number;
}

/** A view's minutiae are counted in one byte. */
const MOST_MINUTIAE = 255;

/** The header and views of a new record at 500 dpi; of more than 255 minutiae the best are kept. */
export function contentOf(sources: readonly ViewSource[], standard: MinutiaeRecord['standard']): RecordHeader {
  const seen = new Map<number, number>();
  return {
    captureDevice: 0,
    width: Math.max(0, ...sources.map(({ template }) => template.width)),
    height: Math.max(0, ...sources.map(({ template }) => template.height)),
    resolutionX: WORKING_RESOLUTION,
    resolutionY: WORKING_RESOLUTION,
    reserved: 0,
    trailing: new Uint8Array(),
    views: sources.map(({ template, fingerPosition = 0, impressionType = 0, quality = 0 }) => {
      const viewNumber = seen.get(fingerPosition) ?? 0;
      seen.set(fingerPosition, viewNumber + 1);
      return {
        fingerPosition,
        viewNumber,
        impressionType,
        quality: Math.round(quality),
        minutiae: best(template.minutiae).map((minutia) => recorded(minutia, ANGLE_UNIT[standard])),
        extended: { statedLength: 0, data: new Uint8Array() },
      };
    }),
  };
}

function best(minutiae: readonly Minutia[]): readonly Minutia[] {
  if (minutiae.length <= MOST_MINUTIAE) return minutiae;
  return minutiae.toSorted((a, b) => b.quality - a.quality).slice(0, MOST_MINUTIAE);
}

function recorded({ x, y, direction, type, quality }: Minutia, unit: number): RecordedMinutia {
  return {
    type: TYPES.indexOf(type),
    x: Math.round(x),
    y: Math.round(y),
    reserved: 0,
    angle: Math.round(direction / unit) % Math.round((2 * Math.PI) / unit),
    quality: Math.max(1, Math.round(quality)),
  };
}
