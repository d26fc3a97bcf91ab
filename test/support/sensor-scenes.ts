import { join } from 'node:path';
import type { Cleanup } from './cleanup.ts';
import { Collector } from './collector.ts';
import { Program } from './program.ts';
import { scratch } from './scratch.ts';

/** What a whole morning at a simulated sensor came to. */
export interface Morning {
  readonly enrolled: number;
  readonly granted: number;
  readonly denied: number;
  /** Touches that let somebody in under another's name. */
  readonly wrong: number;
  readonly decided: number;
}

/** `whorl sensor simulate` and `whorl start` as a technician runs them: people enrol at the sensor, then touch. */
export async function spendMorning(cleanup: Cleanup, model: string, touches: number): Promise<Morning> {
  const directory = scratch(cleanup);
  const port = join(directory, 'port');
  const simulator = Program.whorl(cleanup, 'sensor', 'simulate', model, '--link', port);
  await simulator.until(/is plugged in/);
  const terminal = Program.whorl(
    cleanup,
    ...['start', '--sensor', `grow:${port}`, '--enrol', 'Amara,Bao,Chiara', '--touches', String(touches)],
    ...['--broker-port', '0', '--state', join(directory, 'state')],
  );
  if ((await terminal.exit()) !== 0) throw new Error([...terminal.lines, ...terminal.errors].join('\n'));
  await simulator.kill('SIGINT');
  const visitors = simulator.lines.flatMap((line) => /^touch \d+: (?<name>[^,]*)$/.exec(line)?.groups?.name ?? []);
  const verdicts = terminal.lines.filter((line) => /^\d\d:\d\d:\d\d {2}/.test(line));
  const decided = verdicts.filter((line) => / {2}(granted|denied) /.test(line)).length;
  const names = verdicts.map((line) => /granted +(?<name>\S+)/.exec(line)?.groups?.name);
  return {
    enrolled: terminal.lines.filter((line) => line.startsWith('enrolled: ')).length,
    granted: names.filter((name) => name !== undefined).length,
    denied: verdicts.filter((line) => / {2}denied /.test(line)).length,
    // Each touch was answered by one line, in order.
    wrong: names.filter((name, index) => name !== undefined && name !== visitors[index]).length,
    decided,
  };
}

/** How long one picture took, and what was told of its way, by `whorl sensor watch`. */
export async function timeUpload(cleanup: Cleanup, model: string, baud: number): Promise<number> {
  const directory = scratch(cleanup);
  const port = join(directory, 'port');
  const simulator = Program.whorl(cleanup, 'sensor', 'simulate', model, '--link', port);
  await simulator.until(/is plugged in/);
  const watch = Program.whorl(
    cleanup,
    ...['--json', 'sensor', 'watch', '--touches', '1', '--sensor', `grow:${port}?baud=${baud}`],
    ...['--state', join(directory, 'state')],
  );
  if ((await watch.exit()) !== 0) throw new Error(watch.errors.join('\n'));
  await simulator.kill('SIGINT');
  const { touches } = JSON.parse(watch.lines.join('\n')) as { touches: { kind: string; ms: number }[] };
  return touches[0].ms;
}

/** What became of a sensor that was put in the place of another. */
export interface Exchange {
  /** Serial numbers that the event of the exchange told. */
  readonly paired: string | undefined;
  readonly found: string | undefined;
  /** Touches that were served between the exchange and its acceptance, though people touched. */
  readonly servedBefore: number;
  readonly accepted: string | undefined;
  readonly servedAfter: number;
}

/** A sensor is exchanged behind a running terminal; a technician accepts the new one a while later. */
export async function exchangeSensor(cleanup: Cleanup): Promise<Exchange> {
  const directory = scratch(cleanup);
  const port = join(directory, 'port');
  const state = join(directory, 'state');
  const simulate = async (serial: string): Promise<Program> => {
    const simulator = Program.whorl(cleanup, 'sensor', 'simulate', 'r503', '--serial', serial, '--link', port);
    await simulator.until(/is plugged in/);
    return simulator;
  };
  const isTouch = ({ type }: { type: string }): boolean => /^whorl\.touch\.(granted|denied|retry)$/.test(type);
  const ours = await simulate('AAAA0001');
  const terminal = Program.whorl(
    cleanup,
    ...['start', '--sensor', `grow:${port}`, '--broker-port', '0', '--state', state],
  );
  await terminal.until(/events go to/);
  const url = /mqtt:\/\/\S+/.exec(terminal.lines.join('\n'))?.[0] ?? '';
  const collector = await Collector.open(url);
  cleanup.after(() => collector.close());
  await collector.until(({ events }) => events.some(isTouch), 60_000);
  await ours.kill('SIGINT');
  await simulate('BBBB0002');
  await collector.until(({ events }) => events.some(({ type }) => type === 'whorl.sensor.swapped'), 60_000);
  const from = collector.events.length;
  // Time enough for a touch, if it were served.
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const servedBefore = collector.events.slice(from).filter(isTouch).length;
  const accept = Program.whorl(cleanup, 'sensor', 'accept', '--sensor', `grow:${port}`, '--state', state);
  if ((await accept.exit()) !== 0) throw new Error(accept.errors.join('\n'));
  await collector.until(({ events }) => events.slice(from).some(isTouch), 60_000);
  await terminal.kill('SIGINT');
  const { events } = collector;
  const swapped = events.find((event) => event.type === 'whorl.sensor.swapped');
  const accepted = events.find((event) => event.type === 'whorl.sensor.accepted');
  return {
    paired: swapped?.data.paired.serial,
    found: swapped?.data.found.serial,
    servedBefore,
    accepted: accepted?.data.serial,
    servedAfter: events.slice(from).filter(isTouch).length,
  };
}
