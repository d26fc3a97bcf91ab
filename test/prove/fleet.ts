import { runLoad, type LoadOptions, type LoadResult } from '../support/fleet-load/run.ts';
import { skipWithoutMosquitto } from '../support/mosquitto.ts';
import { skipWithoutPostgres } from '../support/postgres.ts';
import { skipped, type Claim, type ProofOptions } from './claim.ts';
import { proven } from './proven.ts';

/** What the collector must take. */
const LEAST_EVENTS_PER_SECOND = 10_000;

const exact = ({ expected, stored, wrongDevices, deadLetters }: LoadResult): boolean =>
  stored === expected && wrongDevices === 0 && deadLetters === 0;

const told = ({ stored, eventsPerSecond, p50Ms, p99Ms, kilobytesPerDevice }: LoadResult): string =>
  `${stored} stored, ${eventsPerSecond.toFixed(0)}/s, to the cursor p50 ${p50Ms} p99 ${p99Ms} ms, ${kilobytesPerDevice.toFixed(0)} KB a device`;

/** The collector between a real broker and PostgreSQL, under real connections. */
export async function prove({ quick, onStage }: ProofOptions): Promise<Claim[]> {
  const missing = skipWithoutMosquitto() || skipWithoutPostgres();
  if (missing !== false) return [skipped('a fleet’s events into PostgreSQL', missing)];
  const common: Pick<LoadOptions, 'processes' | 'patienceMs' | 'onStage'> = {
    processes: 2,
    patienceMs: quick ? 120_000 : 600_000,
    onStage,
  };
  const devices = quick ? 500 : 10_000;
  const claims = [
    await proven(
      `${devices} devices, collector and PostgreSQL killed: each event exactly once`,
      'all, once',
      async (cleanup) => {
        const result = await runLoad(cleanup, {
          ...common,
          devices,
          events: 20,
          eventsPerSecond: quick ? 500 : 2_000,
          faults: true,
        });
        return { figure: told(result), holds: exact(result) };
      },
    ),
  ];
  claims.push(
    await proven(
      '200 devices send as fast as their cursors move',
      `at least ${LEAST_EVENTS_PER_SECOND}/s, all, once`,
      async (cleanup) => {
        const result = await runLoad(cleanup, {
          ...common,
          devices: 200,
          events: quick ? 200 : 2_000,
          eventsPerSecond: 1_000_000,
          faults: false,
        });
        return { figure: told(result), holds: exact(result) && result.eventsPerSecond >= LEAST_EVENTS_PER_SECOND };
      },
    ),
  );
  return claims;
}
