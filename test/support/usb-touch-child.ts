/**
 * One touch on a USB reader through the real libusb, for a test that runs this under umockdev: `<kind> <picture file>`.
 * Prints what the reader says of itself, and puts the picture's pixels in the file.
 */
import { writeFileSync } from 'node:fs';
import { systemClock } from '../../device/clock.ts';
import { Nb1010Link } from '../../device/sensor/nb1010/nb1010-link.ts';
import { Uru4000Link } from '../../device/sensor/uru4000/uru4000-link.ts';
import { openLibusb } from '../../device/sensor/usb/libusb-bus.ts';
import { RECORDED_SEED } from './usb-captures.ts';

const [kind, file] = process.argv.slice(2);
const parts = { openBus: openLibusb, clock: systemClock };
const link =
  kind === 'nb1010' ? new Nb1010Link('', parts) : new Uru4000Link('', { ...parts, seed: () => RECORDED_SEED });
const { signal } = new AbortController();

const connection = await link.connect(signal);
await connection.waitForFinger(signal);
const capture = await connection.capture(signal);
// The NB-1010's recording ends with the picture.
if (kind !== 'nb1010') await connection.waitForLift(signal);
const description = connection.describe();
await connection.close();
if (capture.kind === 'image') writeFileSync(file, capture.image.pixels);
console.log(JSON.stringify({ description, kind: capture.kind }));
