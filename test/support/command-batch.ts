import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../device/clock.ts';
import type { TerminalEvent } from '../../device/events/event.ts';
import { Outbox, OUTBOX_FILE } from '../../device/events/outbox.ts';

const BATCH = `
  import { whorl } from ${JSON.stringify(import.meta.resolve('../../device/cli/whorl.ts'))};
  for (const words of JSON.parse(process.argv[1])) {
    await whorl(['--json', ...words]);
    process.stdout.write('\\f');
  }`;

/** Runs command lines one after the other in one process and gives what each tells programs. */
export async function runCommands<Answer>(commands: readonly (readonly string[])[]): Promise<Answer[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['--import', 'tsx', '--input-type=module', '--eval', BATCH],
    JSON.stringify(commands),
  ]);
  return stdout
    .split('\f')
    .slice(0, -1)
    .map((text) => JSON.parse(text) as Answer);
}

/** The events that wait for a terminal to send them. */
export function waitingEvents(state: string): TerminalEvent[] {
  const outbox = new Outbox({ path: join(state, OUTBOX_FILE), device: 'door-1', capacity: 1_000, clock: systemClock });
  try {
    return outbox.read(0, 1_000).map(({ body }) => JSON.parse(body) as TerminalEvent);
  } finally {
    outbox.close();
  }
}
