import { RecordReader, RecordWriter } from './record-bytes.ts';
import { checkLength, FORMAT_IDENTIFIER, readIdentifiers } from './record-identifiers.ts';
import { readViews, writeViews } from './record-views.ts';
import { contentOf, type Iso19794Record, type ViewSource } from './record.ts';

/** The header of 24 bytes, clause 7.3. */
const HEADER_BYTES = 24;

/**
 * Reads a finger minutiae record of ISO/IEC 19794-2:2005.
 * @throws MinutiaeError `minutiae.not-a-record`, `minutiae.unsupported-record`, `minutiae.truncated-record`,
 *   `minutiae.corrupt-record`
 */
export function readIso19794(bytes: Uint8Array): Iso19794Record {
  const reader = new RecordReader(bytes);
  readIdentifiers(reader);
  checkLength(reader.number(4), bytes.length);
  const captureDevice = reader.number(2);
  const width = reader.number(2);
  const height = reader.number(2);
  const resolutionX = reader.number(2);
  const resolutionY = reader.number(2);
  const viewCount = reader.number(1);
  const reserved = reader.number(1);
  const views = readViews(reader, viewCount);
  const trailing = reader.bytes(reader.left).slice();
  const standard = 'ISO/IEC 19794-2:2005';
  return { standard, captureDevice, width, height, resolutionX, resolutionY, reserved, views, trailing };
}

/** @throws MinutiaeError `minutiae.unwritable-record` where a value does not fit its field */
export function writeIso19794(record: Iso19794Record): Uint8Array {
  const views = new RecordWriter();
  writeViews(views, record.views);
  const writer = new RecordWriter();
  writer.bytes(FORMAT_IDENTIFIER);
  writer.number(4, HEADER_BYTES + views.length + record.trailing.length, 'record length');
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

/** A new ISO record with one view for each impression. */
export function isoRecordOf(sources: readonly ViewSource[]): Iso19794Record {
  const standard = 'ISO/IEC 19794-2:2005';
  return { standard, ...contentOf(sources, standard) };
}
