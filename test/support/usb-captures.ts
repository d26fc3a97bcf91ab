import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { realData } from './data.ts';

/** What both recordings of U.are.U readers were scrambled with. */
export const RECORDED_SEED = 0x51ea2124;

/** Traffic that was recorded from a real reader (shared/data/captures). */
export interface UsbRecording {
  readonly folder: string;
  /** What opens it: the sensor's kind. */
  readonly kind: 'uru4000' | 'nb1010';
  readonly file: 'capture.pcapng' | 'capture.ioctl';
}

export const USB_RECORDINGS: readonly UsbRecording[] = [
  { folder: 'captures/uru4000-4500', kind: 'uru4000', file: 'capture.pcapng' },
  { folder: 'captures/uru4000-msv2', kind: 'uru4000', file: 'capture.pcapng' },
  { folder: 'captures/nb1010', kind: 'nb1010', file: 'capture.ioctl' },
];

/** For node:test's `skip`: false where recordings can be replayed, else the reason. */
export function skipWithoutUmockdev(): string | false {
  return spawnSync('umockdev-run', ['--version']).status === 0 ? false : 'umockdev is not installed';
}

/** The picture that the recording shows, gray. */
export async function expectedPicture(folder: string): Promise<Buffer> {
  return await sharp(await readFile(join(folder, 'capture.png')))
    .greyscale()
    .toColourspace('b-w')
    .raw()
    .toBuffer();
}

/**
 * Runs a program with the recorded reader plugged in, as far as libusb and the kernel's files can tell.
 *
 * @throws Error with what it said where it did not end well
 */
export async function underUmockdev(recording: UsbRecording, program: readonly string[]): Promise<string> {
  const folder = realData(recording.folder);
  if (folder === undefined) throw new Error(`${recording.folder} is not on this machine`);
  const traffic = join(folder, recording.file);
  const device = join(folder, 'device');
  const replayed =
    recording.file === 'capture.pcapng'
      ? ['-p', `/sys${/^P: (.+)$/m.exec(readFileSync(device, 'utf8'))?.[1] ?? ''}=${traffic}`]
      : ['-i', `${/^@DEV (\S+)/.exec(readFileSync(traffic, 'latin1'))?.[1] ?? ''}=${traffic}`];
  const child = spawn('umockdev-run', ['-d', device, ...replayed, '--', ...program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 120_000,
  });
  let output = '';
  let trouble = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (trouble += chunk.toString()));
  const status = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (status !== 0) throw new Error(`${program.join(' ')} ended with ${String(status)}:\n${output}${trouble}`);
  return output;
}
