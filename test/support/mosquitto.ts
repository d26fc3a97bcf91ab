import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import type { Cleanup } from './cleanup.ts';
import { freePort, untilOpen } from './ports.ts';
import { Program } from './program.ts';

/** For node:test's `skip`: false where both programs are installed, else the reason. */
export function skipWithoutMosquitto(): string | false {
  try {
    for (const program of ['mosquitto', 'mosquitto_sub']) execFileSync('which', [program], { stdio: 'ignore' });
    return false;
  } catch {
    return 'mosquitto and mosquitto_sub are not installed';
  }
}

/** A real broker that is not ours and keeps what it took over a restart. */
export class Mosquitto {
  readonly port: number;
  readonly #context: Cleanup;
  readonly #configuration: string;
  #program: Program;

  private constructor(context: Cleanup, port: number, configuration: string) {
    this.port = port;
    this.#context = context;
    this.#configuration = configuration;
    this.#program = Program.start(context, 'mosquitto', '-c', configuration);
  }

  static async open(context: Cleanup, directory: string): Promise<Mosquitto> {
    const port = await freePort();
    const configuration = join(directory, 'mosquitto.conf');
    writeFileSync(
      configuration,
      `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location ${directory}/\nuser root\nmax_queued_messages 0\n`,
    );
    const broker = new Mosquitto(context, port, configuration);
    await untilOpen(port);
    return broker;
  }

  get pid(): number {
    return this.#program.pid;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** A subscriber that is not ours either; prints topic and payload, a line each, and comes back after a restart. */
  async subscribe(): Promise<Program> {
    // mosquitto_sub says that it has subscribed only with the first message.
    const publisher = await connectAsync(this.url);
    await publisher.publishAsync('whorl/probe', 'here', { qos: 1, retain: true });
    await publisher.endAsync();
    const place = ['-h', '127.0.0.1', '-p', String(this.port)];
    const session = ['-q', '1', '-c', '-i', 'collector'];
    const subscriber = Program.start(this.#context, 'mosquitto_sub', ...place, '-t', 'whorl/#', '-v', ...session);
    await subscriber.until(/^whorl\/probe here/, 10_000);
    return subscriber;
  }

  async stop(): Promise<void> {
    await this.#program.kill('SIGTERM');
  }

  /** What it has not written to its disk by then is lost. */
  async kill(): Promise<void> {
    await this.#program.kill('SIGKILL');
  }

  async start(): Promise<void> {
    this.#program = Program.start(this.#context, 'mosquitto', '-c', this.#configuration);
    await untilOpen(this.port);
  }
}
