import { SensorError } from '../errors.ts';
import type { UsbConnection } from '../usb/usb-bus.ts';

const OUT = 0x02;
export const IN = 0x83;
const REPLY_BYTES = 16;
export const ANSWER_MS = 500;

/** Byte 2 is a number that the reader's reply repeats. */
const POLL = Uint8Array.of(0x80, 0x38, 0x01, 0, 0x08, 0, 0, 0);
const PREPARE = Uint8Array.of(0x80, 0x0d, 0x03, 0, 0x0c, 0, 0, 0, 0, 0x04, 0, 0);
const CAPTURE = Uint8Array.from(
  { length: 32 },
  (_, at) => ({ 0: 0x80, 1: 0x12, 2: 4, 4: 0x20, 8: 2, 28: 0x20 })[at] ?? 0,
);

const ACCEPTED = 0x20;
const POLLED = 0x37;
const FINGER_AT = 12;
/** Above this a finger covers the field; 0xf7 was seen under one. */
const FINGER = 0x30;

/** @throws SensorError `sensor.no-answer`, `sensor.bad-answer`, `sensor.disconnected` */
export async function isFingerThere(usb: UsbConnection, signal: AbortSignal): Promise<boolean> {
  return (await command(usb, POLL, POLLED, signal))[FINGER_AT] > FINGER;
}

/** After this the reader sends the picture's packets. */
export async function startCapture(usb: UsbConnection, signal: AbortSignal): Promise<void> {
  await command(usb, PREPARE, ACCEPTED, signal);
  await command(usb, CAPTURE, ACCEPTED, signal);
}

async function command(usb: UsbConnection, sent: Uint8Array, kind: number, signal: AbortSignal): Promise<Uint8Array> {
  await usb.write(OUT, sent, { signal, timeoutMs: ANSWER_MS });
  const reply = await usb.read(IN, REPLY_BYTES, { signal, timeoutMs: ANSWER_MS });
  const fits = reply.length === REPLY_BYTES && reply[0] === 0x80 && reply[1] === kind && reply[2] === sent[2];
  if (fits) return reply;
  throw new SensorError(
    'sensor.bad-answer',
    `the reader answered command ${sent[2]} with ${Buffer.from(reply.subarray(0, 4)).toString('hex') || 'nothing'}`,
  );
}
