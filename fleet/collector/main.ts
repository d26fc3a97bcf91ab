import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Command } from 'commander';
import { pino } from 'pino';
import { systemClock } from '../../device/clock.ts';
import { WhorlError } from '../../device/errors.ts';
import { Collector } from './collector.ts';
import { openMqttFeed } from './mqtt-feed.ts';
import { openStore } from './open-store.ts';

/** How often the counts are told while something comes. */
const TELL_MS = 10_000;

interface Options {
  readonly broker: string;
  readonly store: string;
  readonly group?: string;
  readonly id?: string;
}

/** Runs a collector until it is told to stop; resolves to the exit status. */
export async function collect(words: readonly string[]): Promise<number> {
  const program = new Command('collector')
    .description("Stores every terminal's events, each once, and tells the terminals how far they are stored.")
    .requiredOption('--broker <url>', 'an MQTT 5 broker, mqtt://host:port')
    .requiredOption('--store <url>', 'where events go, sqlite:<path> or postgres://user@host/database')
    .option('--group <name>', 'share the events with all collectors of this group')
    .option('--id <name>', 'what the broker knows this collector by (default: whorl-collector, random in a group)');
  program.parse(words, { from: 'user' });
  const { broker, store: storeUrl, group, id } = program.opts<Options>();
  const log = pino({ name: 'collector' });
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  try {
    const store = await openStore(storeUrl);
    const name = id ?? (group === undefined ? 'whorl-collector' : `whorl-collector-${randomBytes(4).toString('hex')}`);
    const collector = await Promise.race([
      Collector.open({
        store,
        clock: systemClock,
        openFeed: (intake) =>
          openMqttFeed(
            {
              url: broker,
              id: name,
              ...(group === undefined ? {} : { group }),
              onChange: (change) => {
                if (change.up) log.info('subscribed');
                else log.warn({ reason: change.reason }, 'the broker is away');
              },
            },
            intake,
          ),
        onTrouble: (error) => {
          if (error === undefined) log.info('the store takes events again');
          else log.error({ code: error.code }, error.message);
        },
        onLost: (key, first, last) => {
          log.warn({ ...key, first, last }, 'these events did not come although asked for; taken for lost');
        },
      }),
      stopped.then(() => undefined),
    ]);
    if (collector === undefined) return 0;
    let told = 0;
    const tell = setInterval(() => {
      if (collector.counts.received > told) log.info(collector.counts, 'collected');
      told = collector.counts.received;
    }, TELL_MS);
    await stopped;
    clearInterval(tell);
    await collector.close();
    await store.close();
    log.info(collector.counts, 'stopped');
    return 0;
  } catch (error) {
    if (!(error instanceof WhorlError)) throw error;
    log.fatal({ code: error.code }, error.message);
    return 1;
  }
}
