import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { connectAsync } from 'mqtt';
import { readTlsFiles, type TlsFiles } from '../../device/events/broker-tls.ts';
import { openBroker } from '../../device/events/broker.ts';
import type { Protocol } from '../../device/events/link.ts';
import { Authority, type Identity, type Wanted } from './certificates.ts';
import type { Cleanup } from './cleanup.ts';
import { freePort, untilOpen } from './ports.ts';
import { Program } from './program.ts';

/** A broker that runs. */
export interface Broker {
  readonly port: number;
  /** Its address, over whatever leads to it. */
  url(port: number): string;
  /** By what it knows a client of this name; nothing where it knows nobody. */
  identity(name: string): TlsFiles;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** On the same port, with what it kept. */
  start(): Promise<void>;
}

/** One that knows everybody by a certificate. */
export interface TlsBroker extends Broker {
  readonly authority: Authority;
  identity(name: string): Identity;
}

/** A broker that can be tried. */
export interface BrokerKind {
  readonly name: string;
  /** What it is met with. */
  readonly protocol: Protocol;
  readonly programs: readonly string[];
  open(cleanup: Cleanup, directory: string): Promise<Broker>;
}

const SHIPPED = resolve(import.meta.dirname, '../../fleet/mosquitto');

/** Everything that Whorl must work with: the one in its own process, and three that are not ours. */
export const BROKERS: readonly BrokerKind[] = [
  { name: 'aedes, embedded', protocol: '3.1.1', programs: [], open: openAedes },
  {
    name: 'mosquitto, as shipped',
    protocol: '5',
    programs: ['mosquitto', 'openssl'],
    open: (cleanup, directory) => openMosquitto(cleanup, directory),
  },
  { name: 'nats-server', protocol: '3.1.1', programs: ['nats-server'], open: openNats },
  { name: 'rabbitmq-server', protocol: '3.1.1', programs: ['rabbitmq-server', 'erl'], open: openRabbit },
];

/** For node:test's `skip`. */
export function skipWithoutBroker({ programs }: BrokerKind): string | false {
  for (const program of programs)
    try {
      execFileSync('which', [program], { stdio: 'ignore' });
    } catch {
      return `${program} is not installed`;
    }
  return false;
}

async function openAedes(cleanup: Cleanup): Promise<Broker> {
  const port = await freePort();
  let broker = await openBroker(port);
  let open = true;
  const kill = async (): Promise<void> => {
    if (open) await broker.close();
    open = false;
  };
  cleanup.after(kill);
  return {
    ...{ port, url: plain, identity: () => ({}), kill },
    async start() {
      broker = await openBroker(port);
      open = true;
    },
  };
}

/** By the configuration and the access list that Whorl ships, with other places and another port. */
export async function openMosquitto(
  cleanup: Cleanup,
  directory: string,
  certificate: Wanted = { name: 'broker' },
): Promise<TlsBroker> {
  const authority = new Authority(directory);
  const port = await freePort();
  const place = join(directory, 'mosquitto');
  mkdirSync(place);
  const broker = authority.issue(certificate);
  for (const [from, to] of [
    [broker.ca, 'ca.crt'],
    [broker.certificate, 'broker.crt'],
    [broker.key, 'broker.key'],
    [join(SHIPPED, 'whorl.acl'), 'whorl.acl'],
  ])
    cpSync(from, join(place, to));
  const configuration = readFileSync(join(SHIPPED, 'mosquitto.conf'), 'utf8')
    .replaceAll('/etc/mosquitto/whorl/', `${place}/`)
    .replace('/var/lib/mosquitto/', `${place}/`)
    .replace('listener 8883', `user root\nlistener ${port} 127.0.0.1`);
  const file = join(place, 'mosquitto.conf');
  writeFileSync(file, configuration);
  const identities = new Map<string, Identity>();
  const identity = (name: string): Identity => {
    const known = identities.get(name) ?? authority.issue({ name });
    identities.set(name, known);
    return known;
  };
  const run = await openProgram(cleanup, port, 10_000, 'mosquitto', '-c', file);
  return { ...run, authority, identity, url: (at) => `mqtts://localhost:${at}` };
}

async function openNats(cleanup: Cleanup, directory: string): Promise<Broker> {
  const port = await freePort();
  const file = join(directory, 'nats.conf');
  writeFileSync(
    file,
    `server_name: whorl
     listen: "127.0.0.1:${await freePort()}"
     jetstream { store_dir: "${directory}/jetstream" }
     mqtt { listen: "127.0.0.1:${port}" }`,
  );
  const run = await openProgram(cleanup, port, 20_000, 'nats-server', '-c', file);
  return { ...run, url: plain, identity: () => ({}) };
}

async function openRabbit(cleanup: Cleanup, directory: string): Promise<Broker> {
  const port = await freePort();
  const place = join(directory, 'rabbit');
  mkdirSync(place);
  const ports = { names: await freePort(), distribution: await freePort() };
  writeFileSync(join(place, 'plugins'), '[rabbitmq_mqtt].');
  writeFileSync(
    join(place, 'rabbitmq.conf'),
    `listeners.tcp = none\nmqtt.listeners.tcp.1 = 127.0.0.1:${port}\nmqtt.allow_anonymous = true\n`,
  );
  const environment = {
    HOME: place,
    // Else a shell stands between us and it.
    RUNNING_UNDER_SYSTEMD: 'true',
    ERL_EPMD_PORT: String(ports.names),
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_NODENAME: 'whorl@localhost',
    RABBITMQ_MNESIA_BASE: join(place, 'store'),
    RABBITMQ_LOG_BASE: join(place, 'log'),
    RABBITMQ_LOGS: '-',
    ERL_CRASH_DUMP: join(place, 'crash.dump'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(place, 'plugins'),
    RABBITMQ_CONFIG_FILE: join(place, 'rabbitmq.conf'),
  };
  // Erlang's name server outlives whoever started it.
  cleanup.after(() => {
    execFileSync('epmd', ['-port', String(ports.names), '-kill'], { stdio: 'ignore' });
  });
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const run = await openProgram(cleanup, port, 240_000, 'env', ...variables, rabbitProgram());
  return { ...run, url: plain, identity: () => ({}) };
}

/** Debian's wrapper wants to be another user. */
function rabbitProgram(): string {
  const own = '/usr/lib/rabbitmq/bin/rabbitmq-server';
  return existsSync(own) ? own : 'rabbitmq-server';
}

const plain = (port: number): string => `mqtt://127.0.0.1:${port}`;

async function openProgram(
  cleanup: Cleanup,
  port: number,
  patience: number,
  command: string,
  ...args: string[]
): Promise<Pick<Broker, 'port' | 'kill' | 'start'>> {
  let program: Program;
  const start = async (): Promise<void> => {
    program = Program.start(cleanup, command, ...args);
    try {
      await untilOpen(port, patience);
    } catch (error) {
      throw new Error(`${command}: ${[...program.lines, ...program.errors].slice(-5).join('\n')}`, { cause: error });
    }
  };
  await start();
  return { port, start, kill: () => program.kill('SIGKILL') };
}

/** A message of somebody whom the broker knows by this name. */
export async function publishAs(broker: Broker, name: string, topic: string, payload: string): Promise<void> {
  const client = await connectAsync(broker.url(broker.port), {
    clientId: name,
    ...readTlsFiles(broker.identity(name)),
  });
  await client.publishAsync(topic, payload, { qos: 1 });
  await client.endAsync();
}
