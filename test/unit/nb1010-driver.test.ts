import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemClock } from '../../device/clock.ts';
import type { Nb1010Connection } from '../../device/sensor/nb1010/nb1010-connection.ts';
import { Nb1010Link } from '../../device/sensor/nb1010/nb1010-link.ts';
import { HEIGHT, SimulatedNb1010, WIDTH, type Nb1010Behaviour } from '../support/simulated-nb1010.ts';

const { signal } = new AbortController();

function skin(mark: number): Uint8Array {
  return Uint8Array.from({ length: WIDTH * HEIGHT }, (_, at) => (at * 7 + mark * 31 + (at >> 8)) & 0xff);
}

async function plugged(behaviour: Nb1010Behaviour = {}): Promise<[SimulatedNb1010, Nb1010Connection]> {
  const reader = new SimulatedNb1010(behaviour);
  const device = { vendor: 0x298d, product: 0x1010, port: '1-7', open: () => Promise.resolve(reader) };
  const other = { vendor: 0x1d6b, product: 2, port: '1', open: () => Promise.reject(new Error('a hub')) };
  const openBus = () => Promise.resolve({ list: () => [other, device] });
  return [reader, await new Nb1010Link('', { openBus, clock: systemClock }).connect(signal)];
}

describe('the driver of the NB-1010', () => {
  test('waits for the finger, reads it as it is, and waits until it is gone', async () => {
    const [reader, connection] = await plugged();
    assert.deepEqual(connection.describe(), {
      ...{ model: 'NB-1010-U', link: 'nb1010:1-7' },
      ...{ geometry: { width: WIDTH, height: HEIGHT }, dpi: 385 },
    });
    for (const mark of [1, 2]) {
      const finger = connection.waitForFinger(signal);
      setTimeout(() => {
        reader.press(skin(mark));
      }, 20);
      assert.equal(await finger, 'finger');
      const capture = await connection.capture(signal);
      assert.ok(capture.kind === 'image');
      assert.deepEqual(capture.image.pixels, skin(mark));
      setTimeout(() => {
        reader.press(undefined);
      }, 20);
      await connection.waitForLift(signal);
    }
    await connection.close();
    assert.equal(reader.closed, true);
    await assert.rejects(connection.waitForFinger(signal), { code: 'sensor.closed' });
  });

  const damages: Readonly<Record<string, (sent: Uint8Array[]) => Uint8Array[]>> = {
    'a lost packet': (sent) => sent.toSpliced(40, 1),
    'packets in another order': (sent) => [...sent.slice(0, 30), sent[31], sent[30], ...sent.slice(32)],
    'a packet twice': (sent) => sent.toSpliced(40, 0, sent[40]),
    'a short packet': (sent) => sent.with(40, sent[40].subarray(0, 300)),
    'a header of garbage': (sent) => sent.with(40, sent[40].map((byte, at) => (at < 25 ? 0xff : byte))), // prettier-ignore
  };
  for (const [name, damage] of Object.entries(damages))
    test(`${name}: the picture is taken again while the finger stays`, async () => {
      const [reader, connection] = await plugged({ packets: (sent, picture) => (picture === 0 ? damage(sent) : sent) });
      reader.press(skin(5));
      await connection.waitForFinger(signal);
      const capture = await connection.capture(signal);
      assert.ok(capture.kind === 'image');
      assert.deepEqual(capture.image.pixels, skin(5));
      await connection.close();
    });

  test('a finger that left meanwhile is a touch too short, and an ever damaged picture an error', async () => {
    const [short, shortly] = await plugged({
      packets: (sent) => {
        short.press(undefined);
        return sent.toSpliced(3, 1);
      },
    });
    short.press(skin(5));
    await shortly.waitForFinger(signal);
    assert.deepEqual(await shortly.capture(signal), { kind: 'retry', reason: 'too-short' });

    const [bad, badly] = await plugged({ packets: (sent) => sent.toSpliced(3, 1) });
    bad.press(skin(5));
    await badly.waitForFinger(signal);
    await assert.rejects(badly.capture(signal), { code: 'sensor.bad-picture' });
  });

  test('a lost end of the picture, a wrong reply, no reply, an unplugged reader', async () => {
    const [endless, endlessly] = await plugged({ packets: (sent) => sent.slice(0, 80) });
    endless.press(skin(5));
    await assert.rejects(endlessly.capture(signal), { code: 'sensor.no-answer' });
    const [, wrongly] = await plugged({ reply: (sent) => sent.map((byte, at) => (at === 2 ? byte + 1 : byte)) });
    await assert.rejects(wrongly.waitForFinger(signal), { code: 'sensor.bad-answer' });
    const [, shortly] = await plugged({ reply: (sent) => sent.subarray(0, 7) });
    await assert.rejects(shortly.waitForFinger(signal), { code: 'sensor.bad-answer' });
    for (let packet = 1; packet < 90; packet += 30) {
      const [gone, connection] = await plugged({
        packets: (sent) => {
          setTimeout(() => {
            gone.unplug();
          });
          return sent.slice(0, packet);
        },
      });
      gone.press(skin(5));
      await connection.waitForFinger(signal);
      await assert.rejects(connection.capture(signal), /unplugged|silent/);
      await connection.close();
    }
  });

  test('after a capture that was broken off, the next picture is one of the next touch', async () => {
    const abort = new AbortController();
    const [reader, connection] = await plugged({
      packets: (sent, picture) => {
        if (picture === 0)
          setImmediate(() => {
            abort.abort(new Error('enough'));
          });
        return sent;
      },
    });
    reader.press(skin(1));
    await connection.waitForFinger(signal);
    await assert.rejects(connection.capture(abort.signal), /enough/);
    reader.press(skin(9));
    await connection.waitForFinger(signal);
    const capture = await connection.capture(signal);
    assert.ok(capture.kind === 'image');
    assert.deepEqual(capture.image.pixels, skin(9));
  });
});
