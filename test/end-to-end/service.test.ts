import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../device/clock.ts';
import { ServiceNotices } from '../../device/service/service-notices.ts';
import { NoticeSocket, skipWithoutNotices } from '../support/notice-socket.ts';
import { Program } from '../support/program.ts';
import { scratch } from '../support/scratch.ts';

const SYSTEMD = resolve(import.meta.dirname, '../../systemd');
/** The least exposure that is asked of the unit, as `systemd-analyze security` counts it. */
const MOST_EXPOSURE = 2.0;

describe('the service', () => {
  const skip = skipWithoutNotices();

  test('is ready when the terminal is, lives as long as it gets on, and says that it stops', { skip }, async (t) => {
    const socket = await NoticeSocket.open(t);
    const terminal = Program.whorlBehind(
      t,
      ['env', `NOTIFY_SOCKET=${socket.path}`, 'WATCHDOG_USEC=1500000'],
      ...['start', '--state', join(scratch(t), 'state'), '--json'],
    );
    await socket.until('READY=1', 1, 60_000);
    await socket.until('WATCHDOG=1', 3);
    assert.equal(socket.count('STOPPING=1'), 0);
    await terminal.kill('SIGTERM');
    assert.equal(await terminal.exit(), 0, terminal.errors.join('\n'));
    assert.equal(socket.count('STOPPING=1'), 1);
    assert.equal(socket.count('READY=1'), 1);
    const signs = socket.count('WATCHDOG=1');
    await sleep(1_000);
    assert.equal(socket.count('WATCHDOG=1'), signs);
  });

  test('that does not get on gives no sign of life until it does', { skip }, async (t) => {
    const socket = await NoticeSocket.open(t);
    const before = process.env.NOTIFY_SOCKET;
    process.env.NOTIFY_SOCKET = socket.path;
    let progress = true;
    const troubles: string[] = [];
    const notices = new ServiceNotices({
      environment: { NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: '300000' },
      clock: systemClock,
      progress: () => progress,
      onTrouble: (reason) => troubles.push(reason),
    });
    try {
      notices.ready('trying');
      await socket.until('WATCHDOG=1', 2);
      progress = false;
      await sleep(500);
      const signs = socket.count('WATCHDOG=1');
      await sleep(1_000);
      assert.equal(socket.count('WATCHDOG=1'), signs);
      progress = true;
      await socket.until('WATCHDOG=1', signs + 1);
    } finally {
      await notices.stopping();
      if (before === undefined) delete process.env.NOTIFY_SOCKET;
      else process.env.NOTIFY_SOCKET = before;
    }
    assert.deepEqual(troubles, []);
  });
});

describe('the unit', () => {
  const missing = spawnSync('systemd-analyze', ['--version']).status === 0 ? false : 'no systemd-analyze here';

  test(`exposes the board by ${MOST_EXPOSURE} of 10 at most`, { skip: missing }, () => {
    const { status, stdout } = spawnSync(
      'systemd-analyze',
      ['security', '--offline=true', `--threshold=${MOST_EXPOSURE * 10}`, '--no-pager', join(SYSTEMD, 'whorl.service')],
      { encoding: 'utf8' },
    );
    assert.equal(status, 0, stdout);
  });

  test('is understood by systemd', { skip: missing }, () => {
    const { stderr } = spawnSync('systemd-analyze', ['verify', join(SYSTEMD, 'whorl.service')], { encoding: 'utf8' });
    assert.doesNotMatch(stderr, /Unknown|Failed to parse|Invalid|ignoring/i);
  });
});

describe('the installation', () => {
  test('puts the version in its place, and an upgrade keeps state, settings and the one before', (t) => {
    const root = scratch(t);
    const install = (): void => {
      const { status, stderr } = spawnSync('sh', [join(SYSTEMD, 'install.sh'), '--root', root], { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    };
    install();
    assert.ok(existsSync(join(root, 'opt/whorl/device/cli/whorl.mjs')));
    assert.ok(existsSync(join(root, 'etc/systemd/system/whorl.service')));
    assert.ok(existsSync(join(root, 'usr/lib/sysusers.d/whorl.conf')));
    mkdirSync(join(root, 'var/lib/whorl'), { recursive: true });
    writeFileSync(join(root, 'var/lib/whorl/kept'), 'state');
    writeFileSync(join(root, 'etc/whorl/environment'), 'WHORL_DEVICE=door-7\n');
    writeFileSync(join(root, 'opt/whorl/of-the-old-one'), '');
    install();
    assert.equal(readFileSync(join(root, 'var/lib/whorl/kept'), 'utf8'), 'state');
    assert.equal(readFileSync(join(root, 'etc/whorl/environment'), 'utf8'), 'WHORL_DEVICE=door-7\n');
    assert.ok(!existsSync(join(root, 'opt/whorl/of-the-old-one')));
    assert.ok(existsSync(join(root, 'opt/whorl.old/of-the-old-one')));
  });
});
