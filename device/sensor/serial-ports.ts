import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** A serial port where a sensor may be. */
export interface FoundPort {
  /** The path to configure: the same after every boot and replug. */
  readonly path: string;
  /** The device behind it now. */
  readonly device: string;
}

/** Ports without a stable name of their own that stay what they are: a Jetson's, a Raspberry Pi's. */
const BUILT_IN = /^tty(THS|AMA)\d+$/;

/**
 * The serial ports of this machine by names that last. serialport's own list passes over a Jetson's ports, and ends the
 * process where there is no udevadm.
 */
export async function listSerialPorts(devices = '/dev'): Promise<FoundPort[]> {
  const byId = join(devices, 'serial', 'by-id');
  const [adapters, all] = await Promise.all([namesIn(byId), namesIn(devices)]);
  const found: FoundPort[] = [];
  for (const name of adapters) {
    const path = join(byId, name);
    const device = await realpath(path).catch(() => undefined);
    if (device !== undefined) found.push({ path, device });
  }
  for (const name of all.filter((one) => BUILT_IN.test(one))) {
    const path = join(devices, name);
    found.push({ path, device: path });
  }
  return found;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch {
    // No adapter was ever plugged in.
    return [];
  }
}
