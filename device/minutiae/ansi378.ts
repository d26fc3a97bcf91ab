import { RecordReader, RecordWriter } from './record-bytes.ts';
import { checkLength, FORMAT_IDENTIFIER, readIdentifiers } from './record-identifiers.ts';
import { readViews, writeViews } from './record-views.ts';
import { contentOf, type Ansi378Record, type ViewSource } from './record.ts';

/** The header up to its record length, and after it (clause 6.4): the length itself takes 2 bytes or 6. */
const BEFORE_LENGTH_BYTES = 8;
const AFTER_LENGTH_BYTES = 16;
const SHORT_LENGTH_BYTES = 2;
const LONG_LENGTH_BYTES = 6;

/**
 * Reads a finger minutiae record of ANSI/INCITS 378-2004.
 * @throws MinutiaeError `minutiae.not-a-record`, `minutiae.unsupported-record`, `minutiae.truncated-record`,
 *   `minutiae.corrupt-record`
 */
export function readAnsi378(bytes: Uint8Array): Ansi378Record {
  const reader = new RecordReader(bytes);
  readIdentifiers(reader);
  const shortLength = reader.number(2);
  const longLength = shortLength === 0;
  checkLength(longLength ? reader.number(4) : shortLength, bytes.length);
  const product = { owner: reader.number(2), type: reader.number(2) };
  const captureDevice = reader.number(2);
  const width = reader.number(2);
  const height = reader.number(2);
  const resolutionX = reader.number(2);
  const resolutionY = reader.number(2);
  const viewCount = reader.number(1);
  const reserved = reader.number(1);
  const views = readViews(reader, viewCount);
  const trailing = reader.bytes(reader.left).slice();
  const standard = 'ANSI/INCITS 378-2004';
  return {
    ...{ standard, product, longLength, captureDevice },
    ...{ width, height, resolutionX, resolutionY, reserved, views, trailing },
  };
}

/** @throws MinutiaeError `minutiae.unwritable-record` where a value does not fit its field */
export function writeAnsi378(record: Ansi378Record): Uint8Array {
  const views = new RecordWriter();
  writeViews(views, record.views);
  const rest = BEFORE_LENGTH_BYTES + AFTER_LENGTH_BYTES + views.length + record.trailing.length;
  const writer = new RecordWriter();
  writer.bytes(FORMAT_IDENTIFIER);
  if (record.longLength) {
    writer.number(2, 0, 'mark of the long record length');
    writer.number(4, rest + LONG_LENGTH_BYTES, 'record length');
  } else writer.number(2, rest + SHORT_LENGTH_BYTES, 'record length');
  writer.number(2, record.product.owner, 'product owner');
  writer.number(2, record.product.type, 'product type');
  writer.number(2, record.captureDevice, 'capture device');
  writer.number(2, record.width, 'width');
  writer.number(2, record.height, 'height');
  writer.number(2, record.resolutionX, 'resolution in x');
  writer.number(2, record.resolutionY, 'resolution in y');
  writer.number(1, record.views.length, 'number of views');
  writer.number(1, record.reserved, 'reserved byte');
  writer.bytes(views.finish());
  writer.bytes(record.trailing);
  return writer.finish();
}

/** A new ANSI record with one view for each impression, made by no registered product. */
export function ansiRecordOf(sources: readonly ViewSource[]): Ansi378Record {
  const standard = 'ANSI/INCITS 378-2004';
  const content = contentOf(sources, standard);
  const views = new RecordWriter();
  writeViews(views, content.views);
  const longLength = BEFORE_LENGTH_BYTES + SHORT_LENGTH_BYTES + AFTER_LENGTH_BYTES + views.length >= 2 ** 16;
  return { standard, product: { owner: 0, type: 0 }, longLength, ...content };
}
