import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pg from 'pg';
import type { Cleanup } from '../cleanup.ts';
import { Mosquitto } from '../mosquitto.ts';
import { Postgres } from '../postgres.ts';
import { Program } from '../program.ts';
import { scratch } from '../scratch.ts';
import { HISTOGRAM_STEP_MS, type LoadOrder, type LoadReport } from './order.ts';

const COLLECTOR = resolve(import.meta.dirname, '../../../fleet/collector/collector.mjs');
const PROCESS = join(import.meta.dirname, 'process.ts');

export interface LoadOptions {
  readonly devices: number;
  readonly processes: number;
  /** Of each device. */
  readonly events: number;
  /** Of all devices together. */
  readonly eventsPerSecond: number;
  /** Kills the collector at a third of the events, and PostgreSQL at two thirds, and starts them again. */
  readonly faults: boolean;
  /** Gives up after so long. */
  readonly patienceMs: number;
  readonly onStage: (stage: string) => void;
}

export interface LoadResult {
  readonly expected: number;
  readonly stored: number;
  /** Devices whose events are not exactly 1, 2, 3 … to the last, each once. */
  readonly wrongDevices: number;
  readonly deadLetters: number;
  /** From the first event's happening to the last one's acknowledgement. */
  readonly seconds: number;
  readonly eventsPerSecond: number;
  /** From an event's happening to its cursor's arrival at the device: storing is before that. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Resident kilobytes of broker and collector a device, at the end. */
  readonly kilobytesPerDevice: number;
}

/** Real connections of simulated devices through mosquitto and a collector of its own process into PostgreSQL. */
export async function runLoad(context: Cleanup, options: LoadOptions): Promise<LoadResult> {
  const { devices, processes, events, faults, patienceMs, onStage } = options;
  const broker = await Mosquitto.open(context, scratch(context));
  const postgres = await Postgres.open(context);
  const url = postgres.url();
  const words = ['--broker', broker.url, '--store', url];
  const startCollector = async (): Promise<Program> => {
    const collector = Program.start(context, process.execPath, COLLECTOR, ...words);
    await collector.until(/subscribed/);
    return collector;
  };
  let collector = await startCollector();

  const share = Math.ceil(devices / processes);
  const children: ChildProcess[] = [];
  const reports: LoadReport[] = [];
  for (let i = 0; i < processes; i++) {
    const order: LoadOrder = {
      port: broker.port,
      first: i * share,
      devices: Math.min(share, devices - i * share),
      events,
      eventsPerSecond: options.eventsPerSecond / processes,
      stalledMs: 10_000,
    };
    const child = fork(PROCESS, [JSON.stringify(order)], { execArgv: ['--import', 'tsx'] });
    child.on('message', (report) => {
      reports[i] = report as LoadReport;
    });
    context.after(() => {
      child.kill('SIGKILL');
    });
    children.push(child);
  }
  const deadline = performance.now() + patienceMs;
  const total = (of: (report: LoadReport) => number): number => reports.reduce((sum, report) => sum + of(report), 0);
  const until = async (condition: () => boolean, what: string): Promise<void> => {
    while (!condition()) {
      if (performance.now() > deadline)
        throw new Error(
          `${what}: not in time; ${total((r) => r.connected)} connected, ${total((r) => r.acknowledged)} acknowledged`,
        );
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  onStage(`${devices} devices connect`);
  await until(() => total(({ connected }) => connected) === devices, 'connecting');
  const expected = devices * events;
  onStage(`${expected} events`);
  const started = performance.now();
  for (const child of children) child.send('begin');
  if (faults) {
    await until(() => total(({ acknowledged }) => acknowledged) >= expected / 3, 'the first third');
    onStage('the collector is killed and started again');
    await collector.kill('SIGKILL');
    collector = await startCollector();
    await until(() => total(({ acknowledged }) => acknowledged) >= (2 * expected) / 3, 'the second third');
    onStage('PostgreSQL is killed and started again');
    await postgres.stop('SIGQUIT');
    await postgres.start();
  }
  await until(() => total(({ acknowledged }) => acknowledged) === expected, 'everything acknowledged');
  const seconds = (performance.now() - started) / 1_000;
  const kilobytesPerDevice = (residentKilobytes(broker.pid) + residentKilobytes(collector.pid)) / devices;
  onStage('what is stored is counted');
  return {
    expected,
    ...(await count(url, events)),
    seconds,
    eventsPerSecond: expected / seconds,
    p50Ms: quantile(reports, 0.5),
    p99Ms: quantile(reports, 0.99),
    kilobytesPerDevice,
  };
}

async function count(
  url: string,
  events: number,
): Promise<Pick<LoadResult, 'stored' | 'wrongDevices' | 'deadLetters'>> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<{ stored: string; wrong: string; letters: string }>(
      `SELECT coalesce(sum(n), 0) AS stored, count(*) FILTER (WHERE n <> $1 OR d <> $1 OR low <> 1 OR high <> $1) AS wrong,
         (SELECT count(*) FROM dead_letter) AS letters
       FROM (SELECT device, count(*) AS n, count(DISTINCT sequence) AS d, min(sequence) AS low, max(sequence) AS high
               FROM event GROUP BY device) AS by_device`,
      [events],
    );
    const [{ stored, wrong, letters }] = rows;
    return { stored: Number(stored), wrongDevices: Number(wrong), deadLetters: Number(letters) };
  } finally {
    await client.end();
  }
}

function residentKilobytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

function quantile(reports: readonly LoadReport[], share: number): number {
  const histogram = reports[0].histogram.map((_, i) => reports.reduce((sum, report) => sum + report.histogram[i], 0));
  let left = share * histogram.reduce((sum, events) => sum + events, 0);
  return HISTOGRAM_STEP_MS * (1 + histogram.findIndex((events) => (left -= events) <= 0));
}
