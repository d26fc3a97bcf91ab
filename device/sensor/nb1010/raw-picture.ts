import { SensorError } from '../errors.ts';

export const PICTURE_WIDTH = 256;
export const PICTURE_HEIGHT = 180;

const LINES_PER_PACKET = 2;
const HEADER_BYTES = 25;
const TAIL_BYTES = 3;
export const PACKET_BYTES = HEADER_BYTES + LINES_PER_PACKET * PICTURE_WIDTH + TAIL_BYTES;
export const PACKETS = PICTURE_HEIGHT / LINES_PER_PACKET;

/**
 * Puts the two lines of a packet in their place.
 *
 * @param number of the packet, from 0: what its header must tell, or one before it was lost
 * @throws SensorError `sensor.bad-picture`
 */
export function placeLines(picture: Uint8Array, packet: Uint8Array, number: number): void {
  if (packet.length !== PACKET_BYTES) throw damaged(number, `${packet.length} of ${PACKET_BYTES} bytes came`);
  const announced = packet[4] | (packet[5] << 8);
  const width = packet[20] | (packet[21] << 8);
  const secondLine = packet[16];
  const more = packet[12];
  if (announced !== PACKET_BYTES || width !== PICTURE_WIDTH) throw damaged(number, 'its header is none');
  if (secondLine !== LINES_PER_PACKET * number + 1) throw damaged(number, `it holds line ${secondLine}`);
  if (more !== (number < PACKETS - 1 ? 1 : 0)) throw damaged(number, 'the picture ends at the wrong place');
  const lines = packet.subarray(HEADER_BYTES, PACKET_BYTES - TAIL_BYTES);
  picture.set(lines, number * LINES_PER_PACKET * PICTURE_WIDTH);
}

function damaged(number: number, what: string): SensorError {
  return new SensorError(
    'sensor.bad-picture',
    `the reader sent a damaged picture: packet ${number + 1} of ${PACKETS}: ${what}`,
  );
}
