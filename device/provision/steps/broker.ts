import { once } from 'node:events';
import { publicBrokerUrl } from '../../events/link.ts';
import type { Finding, Step } from '../step.ts';
import type { Workbench } from '../workbench.ts';

/** How long connecting may take, with one more try. */
const PATIENCE_MS = 25_000;

const SECURE: readonly string[] = ['mqtts:', 'wss:'];

export const brokerStep: Step = {
  id: 'broker',
  title: 'Broker',
  purpose: 'Events reach whoever watches this door, and nobody else can read them on the way.',
  async run(bench, dialogue, signal) {
    const { config, brokerUrl } = bench;
    const address = publicBrokerUrl(brokerUrl);
    if (config.broker.url === undefined)
      return { findings: [{ mark: 'note', words: 'no broker is configured: events stay on this board' }] };
    for (;;) {
      dialogue.say(`waiting for ${address}`);
      const link = await settled(bench, signal);
      if (link?.up === true) return { findings: [reached(address, config.broker.url), tellWaiting(bench)] };
      const reason = link?.reason ?? 'it does not answer';
      const { choice } = await dialogue.ask(
        {
          text: `${address} cannot be reached: ${reason}. Events wait on disk until it can.`,
          choices: [
            { id: 'again', label: 'Try again' },
            { id: 'leave', label: 'Go on without' },
          ],
        },
        signal,
      );
      if (choice === 'leave') return { findings: [{ mark: 'act', words: `${address} was not reached: ${reason}` }] };
    }
  },
};

/** How the link stands, as soon as that is known. */
async function settled(bench: Workbench, signal: AbortSignal): Promise<Workbench['link']> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  try {
    while (bench.link?.up !== true) await once(bench.happenings, 'link', { signal: until });
  } catch {
    signal.throwIfAborted();
  }
  return bench.link;
}

function reached(address: string, url: string): Finding {
  return SECURE.includes(new URL(url).protocol)
    ? { mark: 'good', words: `${address} was reached, by TLS` }
    : { mark: 'note', words: `${address} was reached without TLS: whoever is on the network reads its events` };
}

function tellWaiting({ waiting }: Workbench): Finding {
  return { mark: 'good', words: waiting === 0 ? 'no event waits' : `${waiting} events are on their way` };
}
