import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = process.env.WHORL_DATA ?? resolve(import.meta.dirname, '../../../shared/data');

/**
 * The folder of real development fingerprints (never committed), or undefined where it is absent.
 * @example test('…', { skip: skipWithout('images/uareu') }, …)
 */
export function realData(path: string): string | undefined {
  const folder = join(root, path);
  return existsSync(folder) ? folder : undefined;
}

/** For node:test's `skip`: false where the data is there, else the reason. */
export function skipWithout(path: string): string | false {
  return realData(path) === undefined ? `real prints (${path}) are not on this machine` : false;
}
