import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A package that holds StandardFirmata 2.4 for an ATmega328P, as its authors compiled it. */
const PACKAGE = 'avrgirl-arduino@5.0.1';
const FILE = 'package/junk/hex/uno/StandardFirmata.cpp.hex';
const SHA256 = '6d57ea7cf30e26c9c2f3a01ee37907d2c951f8bc9c27f84dddad12fa9c8b8f36';

const CACHE = resolve(import.meta.dirname, '../../build/standard-firmata.hex');

/**
 * The firmware's Intel HEX file, fetched once by the ordinary npm client; undefined where it cannot be had. Neither it
 * nor its package is installed or committed.
 */
export function standardFirmata(): string | undefined {
  if (!existsSync(CACHE)) fetchFirmware();
  if (!existsSync(CACHE)) return undefined;
  const digest = createHash('sha256').update(readFileSync(CACHE)).digest('hex');
  return digest === SHA256 ? CACHE : undefined;
}

/** For node:test's `skip`: false where the firmware is at hand, else the reason. */
export function skipWithoutFirmware(): string | false {
  return standardFirmata() === undefined ? `StandardFirmata cannot be fetched (npm pack ${PACKAGE})` : false;
}

function fetchFirmware(): void {
  const directory = mkdtempSync(join(tmpdir(), 'whorl-firmware-'));
  try {
    const archive = execFileSync('npm', ['pack', PACKAGE, '--silent'], {
      ...{ cwd: directory, encoding: 'utf8', timeout: 60_000, stdio: ['ignore', 'pipe', 'ignore'] },
    });
    execFileSync('tar', ['xzf', archive.trim(), FILE], { cwd: directory, stdio: 'ignore' });
    mkdirSync(resolve(CACHE, '..'), { recursive: true });
    renameSync(join(directory, FILE), CACHE);
  } catch {
    // No network, no npm: whoever needs the firmware skips, and says so.
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
