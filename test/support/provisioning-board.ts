import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SimulatedSensor } from '../../device/sensor/grow/simulated/simulated-sensor.ts';
import type { Cleanup } from './cleanup.ts';
import { DOOR, DoorRig, PINS } from './door-rig.ts';
import { Program } from './program.ts';
import { scratch } from './scratch.ts';

/** The quickest that the module can: a picture takes 1.7 s. */
const BAUD = 115_200;
const SEED = 1;

/** A boxed board: `whorl provision --page`, a simulated sensor at a port of its own, and a door of real firmware. */
export class ProvisioningBoard {
  readonly state: string;
  readonly program: Program;
  readonly #sensor: SimulatedSensor;
  readonly #rig: DoorRig;

  private constructor(board: { state: string; program: Program; sensor: SimulatedSensor; rig: DoorRig }) {
    this.state = board.state;
    this.program = board.program;
    this.#sensor = board.sensor;
    this.#rig = board.rig;
  }

  static async open(cleanup: Cleanup): Promise<ProvisioningBoard> {
    const directory = scratch(cleanup);
    const link = join(directory, 'sensor');
    const sensor = new SimulatedSensor({ model: 'r503', seed: SEED, link, onTouch: () => undefined });
    await sensor.plug();
    cleanup.after(() => sensor.unplug());
    const rig = await DoorRig.open(cleanup);
    const config = join(directory, 'config.json');
    const door = { ...DOOR, board: `firmata:${rig.wire.path}`, heldOpen: { warnMs: 60_000, alarmMs: 60_000 } };
    writeFileSync(config, JSON.stringify({ door, sensor: `grow:${link}?baud=${BAUD}` }));
    const program = Program.whorl(
      cleanup,
      ...['provision', '--page', '--listen', '127.0.0.1:0', '--config', config, '--state', rig.state],
    );
    await program.until(/is served at/, 240_000);
    return new ProvisioningBoard({ state: rig.state, program, sensor, rig });
  }

  get url(): string {
    return /https:\S+/.exec(this.program.lines.join('\n'))?.[0] ?? '';
  }

  /** The newest code on the board's screen. */
  get code(): string {
    const shown = this.program.lines.flatMap(
      (line) => /code for the page: (?<code>\S+)/.exec(line)?.groups?.code ?? [],
    );
    return shown.at(-1) ?? '';
  }

  /** One touch of somebody who never lived: Amara, Bao or Chiara. */
  async touch(name: string): Promise<void> {
    await this.#sensor.people.call(name, AbortSignal.timeout(30_000));
  }

  /** Opens or closes a circuit of the door. */
  wire(pin: keyof typeof PINS, open: boolean): void {
    this.#rig.board.press(PINS[pin], open);
  }

  async released(): Promise<void> {
    await this.#rig.until(() => this.#rig.released, 'the lock is released');
  }
}

/** For a circuit that is closed and opened by a person. */
export const HAND_MS = 150;

export async function aMoment(): Promise<void> {
  await pause(HAND_MS);
}

/** Files of a board that hold a name in plain letters, or a picture. */
export function plainTraces(state: string, names: readonly string[]): string[] {
  const pictures = ['\x89PNG', '\xff\xd8\xff'];
  return readdirSync(state, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      const text = readFileSync(path, 'latin1');
      return [...names, ...pictures].filter((trace) => text.includes(trace)).map((trace) => `${trace} in ${path}`);
    });
}
