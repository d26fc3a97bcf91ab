import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemClock } from '../../device/clock.ts';
import type { Capture } from '../../device/sensor/sensor.ts';
import { Uru4000Link } from '../../device/sensor/uru4000/uru4000-link.ts';
import type { Uru4000Connection } from '../../device/sensor/uru4000/uru4000-connection.ts';
import {
  HEIGHT,
  SimulatedUru4000,
  survivingPicture,
  USUAL_BLOCKS,
  WIDTH,
  type Blocks,
  type ReaderBehaviour,
} from '../support/simulated-uru4000.ts';

const MICROSOFT_V2 = { vendor: 0x045e, product: 0x00ca };
const U_ARE_U_4500 = { vendor: 0x05ba, product: 0x000a };
const { signal } = new AbortController();

/** Smooth bright ridges with a mark, as a scanner sees skin. */
function skin(mark: number): Uint8Array {
  return Uint8Array.from({ length: WIDTH * HEIGHT }, (_, at) => {
    const [x, y] = [at % WIDTH, Math.floor(at / WIDTH)];
    return 100 + Math.round(30 * Math.sin(x / 9 + y / 23 + mark)) + (y === mark ? 40 : 0);
  });
}

interface Plugged {
  readonly reader: SimulatedUru4000;
  readonly connect: () => Promise<Uru4000Connection>;
}

function plugged(behaviour: ReaderBehaviour, id = { vendor: 0x05ba, product: 0x0008 }): Plugged {
  const reader = new SimulatedUru4000(behaviour);
  let draws = 0;
  const link = new Uru4000Link('', {
    openBus: () =>
      Promise.resolve({ list: () => [{ ...id, port: '1-2', serial: 'A1', open: () => Promise.resolve(reader) }] }),
    clock: systemClock,
    seed: () => 0xfffffff0 + draws++,
  });
  return { reader, connect: () => link.connect(signal) };
}

async function touch({ reader, connect }: Plugged, finger: Uint8Array): Promise<Capture> {
  const connection = await connect();
  reader.press(finger);
  assert.equal(await connection.waitForFinger(signal), 'finger');
  const capture = await connection.capture(signal);
  reader.press(undefined);
  await connection.waitForLift(signal);
  await connection.close();
  assert.equal(reader.closed, true);
  return capture;
}

function pixelsOf(capture: Capture): Uint8Array {
  assert.equal(capture.kind, 'image');
  return capture.image.pixels;
}

const dark = (pixels: Uint8Array): Uint8Array => pixels.map((gray) => 255 - gray);

describe('the driver of U.are.U readers', () => {
  test('wakes the reader, reads a touch with dark ridges, and switches the reader off', async () => {
    const socket = plugged({});
    const pixels = pixelsOf(await touch(socket, skin(3)));
    assert.deepEqual(pixels, dark(survivingPicture(skin(3), USUAL_BLOCKS)));
    assert.deepEqual(socket.reader.log, [
      ...['read 7', 'write 7 81', 'write 7 01', 'read 7', 'read f0', 'write 4e 10', 'write 4e 20'],
      ...['write 33 05f0ffffff', 'read 34', 'write 4e 12', 'write 4e 70'],
    ]);
  });

  test('a 4500 stands upside down', async () => {
    const pixels = pixelsOf(await touch(plugged({}, U_ARE_U_4500), skin(3)));
    assert.deepEqual(pixels, dark(survivingPicture(skin(3), USUAL_BLOCKS)).reverse());
  });

  test('Microsoft’s second reader wakes up only for the right answer to its challenge', async () => {
    const socket = plugged({ authenticates: true }, MICROSOFT_V2);
    assert.deepEqual(pixelsOf(await touch(socket, skin(3))), dark(survivingPicture(skin(3), USUAL_BLOCKS)));
    assert.ok(socket.reader.log.includes('read 2010'));
    const unasked = plugged({ authenticates: true });
    await assert.rejects(unasked.connect(), { code: 'sensor.no-answer' });
    assert.equal(unasked.reader.closed, true);
  });

  const layouts: Readonly<Record<string, Blocks>> = {
    'a key that changes within the picture': [[0x02, 100], [0x82, 100], [0x02, 50], [0x82, 39]], // prettier-ignore
    'a key that stands still over some lines': [[0x02, 100], [0x04, 20], [0x06, 20], [0x02, 149]], // prettier-ignore
    'fewer lines than usual': [[0x02, 200]],
    'lines missing in the middle': [[0x02, 100], [0x01, 3], [0x02, 180]], // prettier-ignore
  };
  for (const [name, blocks] of Object.entries(layouts))
    test(name, async () => {
      const pixels = pixelsOf(await touch(plugged({ blocks }), skin(7)));
      assert.deepEqual(pixels, dark(survivingPicture(skin(7), blocks)));
    });

  test('a reader that sends plain pictures is asked for no key', async () => {
    const socket = plugged({ plain: true, blocks: [[0x02, 200]] });
    assert.deepEqual(pixelsOf(await touch(socket, skin(7))), dark(survivingPicture(skin(7), [[0x00, 200]])));
    assert.deepEqual(socket.reader.seeds, []);
  });

  test('every picture is scrambled with a number of its own', async () => {
    const socket = plugged({});
    const connection = await socket.connect();
    socket.reader.press(skin(1));
    for (let n = 0; n < 3; n++) {
      await connection.waitForFinger(signal);
      await connection.capture(signal);
    }
    await connection.close();
    assert.equal(new Set(socket.reader.seeds).size, 3);
  });
});

describe('the driver of U.are.U readers on a bad line', () => {
  const noise = [Uint8Array.of(), Uint8Array.of(0x01), Uint8Array.of(0x12, 0x34), new Uint8Array(64).fill(0xff)];

  test('announcements that mean nothing are passed over', async () => {
    assert.deepEqual(pixelsOf(await touch(plugged({ noise }), skin(3))), dark(survivingPicture(skin(3), USUAL_BLOCKS)));
  });

  test('a reader that forgets to announce its power is asked anew, three times at most', async () => {
    pixelsOf(await touch(plugged({ forgottenSignals: 2 }), skin(3)));
    const mute = plugged({ forgottenSignals: 9 });
    await assert.rejects(mute.connect(), { code: 'sensor.no-answer' });
    assert.equal(mute.reader.closed, true);
  });

  test('a reader in fault is rebooted', async () => {
    pixelsOf(await touch(plugged({ status: 0x85 }), skin(3)));
  });

  const damages: Readonly<Record<string, (sent: Uint8Array) => Uint8Array>> = {
    'nothing at all': (sent) => sent.subarray(0, 0),
    'less than a header': (sent) => sent.subarray(0, 63),
    'half a picture': (sent) => sent.subarray(0, sent.length >> 1),
    'one byte less': (sent) => sent.subarray(0, sent.length - 1),
    'too many lines announced': (sent) => withByte(sent, 5, 0xff),
    'no line announced': (sent) => withByte(withByte(sent, 4, 0), 5, 0),
    'blocks beyond the picture': (sent) => withByte(sent, 17, 0xff),
  };
  for (const [name, damage] of Object.entries(damages))
    test(`${name}: the picture is taken again, and again, and then given up`, async () => {
      const again = plugged({ picture: (sent, number) => (number < 2 ? damage(sent) : sent) });
      assert.deepEqual(pixelsOf(await touch(again, skin(3))), dark(survivingPicture(skin(3), USUAL_BLOCKS)));
      const never = plugged({ picture: damage });
      const connection = await never.connect();
      never.reader.press(skin(3));
      await connection.waitForFinger(signal);
      await assert.rejects(connection.capture(signal), { code: 'sensor.bad-picture' });
      await connection.close();
    });

  test('a picture that never comes is an error, and so is every step of an unplugged reader', async () => {
    const silent = plugged({ picture: () => undefined });
    const waiting = await silent.connect();
    silent.reader.press(skin(3));
    await waiting.waitForFinger(signal);
    await assert.rejects(waiting.capture(signal), { code: 'sensor.no-answer' });
    await waiting.close();

    const socket = plugged({ picture: () => undefined });
    const connection = await socket.connect();
    const finger = connection.waitForFinger(signal);
    setImmediate(() => {
      socket.reader.unplug();
    });
    await assert.rejects(finger, { code: 'sensor.disconnected' });
    await assert.rejects(connection.capture(signal), { code: 'sensor.disconnected' });
    await assert.rejects(connection.waitForLift(signal), { code: 'sensor.disconnected' });
    await connection.close();
    assert.equal(socket.reader.closed, true);
  });

  test('a reader that is unplugged within a picture', async () => {
    const socket = plugged({ picture: () => undefined });
    const connection = await socket.connect();
    socket.reader.press(skin(3));
    await connection.waitForFinger(signal);
    const capture = connection.capture(signal);
    setTimeout(() => {
      socket.reader.unplug();
    }, 20);
    await assert.rejects(capture, { code: 'sensor.disconnected' });
    await connection.close();
  });

  test('a reader that announces its own failure is given up', async () => {
    const socket = plugged({});
    const connection = await socket.connect();
    const finger = connection.waitForFinger(signal);
    socket.reader.announce(Uint8Array.of(0x08, 0x00));
    await assert.rejects(finger, { code: 'sensor.disconnected' });
    await connection.close();
  });

  test('after a capture that was broken off, the next picture is one of the next touch', async () => {
    const abort = new AbortController();
    const socket = plugged({
      // The first picture comes late: after the capture has been given up.
      picture: (sent, number) => {
        if (number > 0) return sent;
        abort.abort(new Error('enough'));
        return sent;
      },
    });
    const connection = await socket.connect();
    socket.reader.press(skin(1));
    await connection.waitForFinger(signal);
    await assert.rejects(connection.capture(abort.signal), /enough/);
    socket.reader.press(skin(9));
    await connection.waitForFinger(signal);
    const pixels = pixelsOf(await connection.capture(signal));
    assert.deepEqual(pixels, dark(survivingPicture(skin(9), USUAL_BLOCKS)));
    await connection.close();
  });

  test('waiting ends when asked to and when the sensor is closed, and a finger from before does not count', async () => {
    const socket = plugged({});
    const connection = await socket.connect();
    const abort = new AbortController();
    const given = connection.waitForFinger(abort.signal);
    abort.abort(new Error('enough'));
    await assert.rejects(given, /enough/);
    socket.reader.press(skin(1));
    socket.reader.press(undefined);
    const next = connection.waitForFinger(signal);
    const raced = await Promise.race([next, new Promise((resolve) => setTimeout(resolve, 50, 'nobody'))]);
    assert.equal(raced, 'nobody');
    const closing = connection.close();
    await assert.rejects(next, { code: 'sensor.closed' });
    await closing;
  });
});

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const changed = bytes.slice();
  changed[at] = value;
  return changed;
}
