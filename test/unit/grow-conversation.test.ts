import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Binding } from '../../device/sensor/grow/binding.ts';
import { Conversation } from '../../device/sensor/grow/conversation.ts';
import { DEFAULT_ADDRESS, encodeFrame, FRAME_KINDS } from '../../device/sensor/grow/frame.ts';
import { INSTRUCTIONS } from '../../device/sensor/grow/instructions.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const SIGNAL = new AbortController().signal;
const { getImage, verifyPassword } = INSTRUCTIONS;

/** A module that answers when the test says so. */
class Line {
  readonly clock = new VirtualClock();
  readonly binding: Binding = {
    gone: new AbortController().signal,
    onData: () => undefined,
    write: () => {
      this.#written();
      return Promise.resolve();
    },
    setBaud: () => Promise.resolve(),
    readLines: () => Promise.resolve({ cts: false, dsr: false, dcd: false }),
    close: () => Promise.resolve(),
  };
  #written: () => void = () => undefined;
  readonly conversation = new Conversation(this.binding, 57_600, this.clock);

  /** Answers with these confirmations, each so long after the next command was sent. */
  async answer(...answers: readonly (readonly [afterMs: number, confirmation: number])[]): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#written = resolve;
    });
    const begin = this.clock.monotonic();
    for (const [afterMs, confirmation] of answers) {
      await this.clock.sleep(begin + afterMs - this.clock.monotonic(), SIGNAL);
      this.binding.onData(
        encodeFrame({
          address: DEFAULT_ADDRESS,
          kind: FRAME_KINDS.acknowledgement,
          payload: Uint8Array.of(confirmation),
        }),
      );
    }
  }

  /** After this nothing is owed from before. */
  async begin(): Promise<void> {
    await Promise.all([this.conversation.command(verifyPassword, [], SIGNAL), this.answer([100, 0])]);
  }
}

describe('a conversation with a module', () => {
  test('an answer that comes too late is not taken for that of the next command', async () => {
    const line = new Line();
    await line.clock.run(
      (async () => {
        await line.begin();
        await assert.rejects(line.conversation.command(verifyPassword, [], SIGNAL, 200), { code: 'sensor.no-answer' });
        const begin = line.clock.monotonic();
        const [{ confirmation }] = await Promise.all([
          line.conversation.command(getImage, [], SIGNAL),
          line.answer([150, 0x00], [400, 0x02]),
        ]);
        assert.equal(confirmation, 0x02);
        // Nothing is owed: there is nothing to wait for.
        assert.ok(line.clock.monotonic() - begin < 500);
      })(),
    );
  });

  test('an answer that never came delays the next one, and no other', async () => {
    const line = new Line();
    await line.clock.run(
      (async () => {
        await line.begin();
        await assert.rejects(line.conversation.command(verifyPassword, [], SIGNAL, 200), { code: 'sensor.no-answer' });
        for (const [wait, most] of [
          [300, 1_400],
          [50, 60],
        ]) {
          const begin = line.clock.monotonic();
          const [{ confirmation }] = await Promise.all([
            line.conversation.command(getImage, [], SIGNAL),
            line.answer([wait, 0x02]),
          ]);
          assert.equal(confirmation, 0x02);
          assert.ok(line.clock.monotonic() - begin <= most);
        }
      })(),
    );
  });

  test('an answer to a command that was called off is not taken for that of the next one', async () => {
    const line = new Line();
    await line.clock.run(
      (async () => {
        await line.begin();
        const asked = new AbortController();
        const first = line.conversation.command(getImage, [], asked.signal);
        await line.clock.sleep(10, SIGNAL);
        asked.abort(new Error('called off'));
        await assert.rejects(first, /called off/);
        const [{ confirmation }] = await Promise.all([
          line.conversation.command(getImage, [], SIGNAL),
          line.answer([150, 0x00], [300, 0x02]),
        ]);
        assert.equal(confirmation, 0x02);
      })(),
    );
  });

  test('where two answers are awaited and one comes damaged, there is no telling which', async () => {
    const line = new Line();
    await line.clock.run(
      (async () => {
        await line.begin();
        await assert.rejects(line.conversation.command(verifyPassword, [], SIGNAL, 200), { code: 'sensor.no-answer' });
        const damaged = async (): Promise<void> => {
          await line.answer([150, 0x00]);
          await line.clock.sleep(100, SIGNAL);
          const { acknowledgement: kind } = FRAME_KINDS;
          const frame = encodeFrame({ address: DEFAULT_ADDRESS, kind, payload: Uint8Array.of(0x02) });
          frame[9] ^= 0x02;
          line.binding.onData(frame);
        };
        const command = line.conversation.command(getImage, [], SIGNAL);
        await Promise.all([assert.rejects(command, { code: 'sensor.no-answer' }), damaged()]);
      })(),
    );
  });
});
