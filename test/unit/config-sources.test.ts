import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { ConfigError } from '../../device/config/errors.ts';
import { loadConfig, settings } from '../../device/config/load.ts';
import { scratch } from '../support/scratch.ts';

function file(context: TestContext, content: string): string {
  const path = join(scratch(context), 'config.json');
  writeFileSync(path, content);
  return path;
}

const nothing = { environment: {}, flags: {} };

function isError(code: string, ...words: string[]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.code, code);
    for (const word of words) assert.ok(error.message.includes(word), `${error.message} does not say ${word}`);
    return true;
  };
}

describe('configuration', () => {
  test('nothing said means the defaults', () => {
    assert.deepEqual(loadConfig(nothing), {
      version: 1,
      device: 'door-1',
      state: './var',
      sensor: 'artificial:optical',
      keys: { keeper: 'file' },
      broker: { port: 0, tls: {} },
      clock: { battery: false },
      door: {
        board: 'simulated',
        unlockMs: 3_000,
        lock: 'secure',
        relay: { line: 8, active: 'high' },
        contact: { line: 2, wired: 'none' },
        exit: { line: 3, wired: 'none' },
        tamper: { line: 4, wired: 'none' },
        fire: { line: 5, wired: 'none' },
        lamp: {},
        heldOpen: { warnMs: 20_000, alarmMs: 10_000 },
      },
      falseAccept: {},
      events: { names: false, capacity: 1_000_000, retentionDays: 90 },
    });
  });

  test('flags win over the environment, the environment over the file, the file over the defaults', (context) => {
    const path = file(context, '{"device": "a", "state": "a", "door": {"unlockMs": 1111}, "events": {"names": true}}');
    const config = loadConfig({
      file: path,
      environment: { WHORL_DEVICE: 'b', WHORL_STATE: 'b', WHORL_DOOR_UNLOCK_MS: '2222', PATH: '/bin' },
      flags: { device: 'c', state: undefined },
    });
    assert.deepEqual([config.device, config.state, config.door.unlockMs, config.events.names], ['c', 'b', 2222, true]);
  });

  test('an unknown key is refused by its name, wherever it stands', (context) => {
    const load = (content: string) => () => loadConfig({ ...nothing, file: file(context, content) });
    assert.throws(load('{"devise": "a"}'), isError('config.unknown-key', '"devise"', 'config.json'));
    assert.throws(load('{"door": {"pulse": 1}}'), isError('config.unknown-key', '"door.pulse"'));
    const environment = { WHORL_DEVISE: 'a' };
    assert.throws(() => loadConfig({ environment, flags: {} }), isError('config.unknown-key', 'WHORL_DEVISE'));
  });

  test('a bad value is refused with its key, its origin and what was expected', (context) => {
    const path = file(context, '{"door": {"unlockMs": 50}}');
    assert.throws(
      () => loadConfig({ ...nothing, file: path }),
      isError('config.bad-value', 'door.unlockMs', path, '500'),
    );
    const environment = { WHORL_EVENTS_NAMES: 'perhaps' };
    assert.throws(
      () => loadConfig({ environment, flags: {} }),
      isError('config.bad-value', 'events.names', 'WHORL_EVENTS_NAMES', 'boolean'),
    );
    assert.throws(
      () => loadConfig({ environment: {}, flags: { device: 'a/b' } }),
      isError('config.bad-value', 'device', 'the command line'),
    );
    const port = { WHORL_BROKER_PORT: '65536' };
    assert.throws(() => loadConfig({ environment: port, flags: {} }), isError('config.bad-value', 'broker.port'));
  });

  test('a part that is no object is refused, not overwritten', (context) => {
    const path = file(context, '{"broker": 5}');
    const load = (): unknown => loadConfig({ file: path, environment: { WHORL_BROKER_PORT: '1' }, flags: {} });
    assert.throws(load, isError('config.bad-value', 'broker'));
  });

  test('a file of a newer Whorl, or no JSON object at all, is refused', (context) => {
    const load = (content: string) => () => loadConfig({ ...nothing, file: file(context, content) });
    assert.throws(load('{"version": 2}'), isError('config.newer-version', '2'));
    for (const wrong of ['', '{', '[]', 'null', '"a"']) assert.throws(load(wrong), isError('config.unreadable'));
    assert.throws(
      () => loadConfig({ ...nothing, file: '/nowhere/config.json' }),
      isError('config.unreadable', '/nowhere'),
    );
  });

  test('property: whatever stands in the file, the result is a configuration or a coded error', (context) => {
    const path = join(scratch(context), 'config.json');
    const keys = fc.constantFrom('version', 'device', 'broker', 'door', 'url', 'port', 'unlockMs', '__proto__', 'x');
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.dictionary(keys, tie('value'), { maxKeys: 4 })),
    }));
    fc.assert(
      fc.property(value, (content) => {
        writeFileSync(path, JSON.stringify(content));
        try {
          assert.equal(loadConfig({ ...nothing, file: path }).version, 1);
        } catch (error) {
          assert.ok(error instanceof ConfigError, String(error));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('every setting says what it means and has a variable of its own', () => {
    const all = settings();
    assert.ok(all.length >= 8);
    for (const { path, description } of all) assert.ok(description.length > 10, path);
    assert.equal(new Set(all.map(({ variable }) => variable)).size, all.length);
    assert.ok(all.some(({ path, variable }) => path === 'door.unlockMs' && variable === 'WHORL_DOOR_UNLOCK_MS'));
  });
});
