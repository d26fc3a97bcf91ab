import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemClock } from '../../device/clock.ts';
import { readTlsFiles } from '../../device/events/broker-tls.ts';
import { EventLink } from '../../device/events/link.ts';
import type { Report } from '../../device/events/event.ts';
import { Outbox } from '../../device/events/outbox.ts';
import { BROKERS, openMosquitto, skipWithoutBroker } from '../support/brokers.ts';
import { Collector } from '../support/collector.ts';
import { scratch } from '../support/scratch.ts';
import { skipped, type Claim, type ProofOptions } from './claim.ts';
import { proven } from './proven.ts';

/** What a busy door reports in a day without its broker. */
const EVENTS = 100_000;
const QUICK_EVENTS = 10_000;

const LEAST_PER_SECOND = 2_000;

/** Appends that go on meanwhile: far more than people touch. */
const TOUCH_EVERY_MS = 50;

/** What of a touch's 150 ms its event may take. */
const MOST_APPEND_MS = 15;

/** A file system that needs no disk, on Linux. */
const MEMORY = '/dev/shm';

const PATIENCE_MS = 300_000;

const touch: Report = {
  type: 'whorl.touch.granted',
  subject: '5f0c5f3e-54a3-4e0f-9d3a-0d5a1f6f7a10',
  data: {
    ...{ llr: 21.4, score: 312.5, threshold: 11.9, quality: 78, finger: 'right-index', rules: 4 },
    ms: { features: 41.2, decide: 22.8 },
  },
};

/** A day's outage is over: everything comes, quickly, and nobody at the door notices. */
export async function proveOutage({ quick, onStage }: ProofOptions): Promise<Claim[]> {
  const count = quick ? QUICK_EVENTS : EVENTS;
  const claim = `${count} events of an outage drained through mosquitto (TLS) to a collector that acknowledges them`;
  const kind = BROKERS.find(({ programs }) => programs.includes('mosquitto'));
  const reason = kind && skipWithoutBroker(kind);
  if (reason !== undefined && reason !== false) return [skipped(claim, reason)];
  onStage('the end of a day without a broker');
  const bar = `every one once and in order, ≥ ${LEAST_PER_SECOND} a second; an append meanwhile p99 ≤ ${MOST_APPEND_MS} ms`;
  return [
    await proven(claim, bar, async (cleanup) => {
      const directory = scratch(cleanup);
      const broker = await openMosquitto(cleanup, directory);
      const clock = { ...systemClock, now: () => Date.now() - 86_400_000 };
      // In memory, since a day's synced writes are not what is measured; then on the disk.
      const draft = join(existsSync(MEMORY) ? mkdtempSync(join(MEMORY, 'whorl-')) : directory, 'yesterday.sqlite');
      cleanup.after(() => {
        rmSync(dirname(draft), { recursive: true, force: true });
      });
      const yesterday = new Outbox({ path: draft, device: 'door-1', capacity: 1_000_000, clock });
      for (let i = 0; i < count; i++) yesterday.append(touch);
      yesterday.close();
      const path = join(directory, 'outbox.sqlite');
      cpSync(draft, path);

      const collector = await Collector.open(broker.url(broker.port), {
        ...{ clientId: 'collector', tls: broker.identity('collector'), protocolVersion: 5 },
        topics: ['whorl/+/event'],
      });
      cleanup.after(() => collector.close());
      const outbox = new Outbox({ path, device: 'door-1', capacity: 1_000_000, clock: systemClock });
      cleanup.after(() => {
        outbox.close();
      });
      const begin = performance.now();
      const link = new EventLink({
        ...{
          url: broker.url(broker.port),
          tls: () => readTlsFiles(broker.identity('door-1')),
          device: 'door-1',
          outbox,
        },
        ...{ clock: systemClock, acknowledgedBy: 'collector' },
      });
      cleanup.after(() => link.close());
      const appends: number[] = [];
      const touches = setInterval(() => {
        const before = performance.now();
        outbox.append(touch);
        appends.push(performance.now() - before);
      }, TOUCH_EVERY_MS);
      cleanup.after(() => {
        clearInterval(touches);
      });
      const deadline = Date.now() + PATIENCE_MS;
      while (outbox.acknowledged < count) {
        if (Date.now() > deadline) throw new Error(`only ${outbox.acknowledged} came in ${PATIENCE_MS / 1_000} s`);
        await systemClock.sleep(20, AbortSignal.timeout(PATIENCE_MS));
      }
      const perSecond = count / ((performance.now() - begin) / 1_000);
      clearInterval(touches);
      await link.drained(AbortSignal.timeout(PATIENCE_MS));
      const inOrder = collector.events.every(({ sequence }, index) => Number(sequence) === index + 1);
      const whole = collector.events.length === outbox.last;
      const late = collector.late.length >= count;
      appends.sort((a, b) => a - b);
      const p99 = appends[Math.floor(0.99 * appends.length)];
      const told = `${Math.round(perSecond)} a second; ${appends.length} appends meanwhile, median ${appends[appends.length >>> 1].toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
      return {
        figure:
          inOrder && whole && late
            ? told
            : `${told}; ${collector.events.length} of ${outbox.last} came, in order: ${inOrder}`,
        holds: inOrder && whole && late && perSecond >= LEAST_PER_SECOND && p99 <= MOST_APPEND_MS,
      };
    }),
  ];
}
