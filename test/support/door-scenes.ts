import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { EventType } from '../../device/events/event.ts';
import { Random } from '../../models/synthesis/random.ts';
import type { Cleanup } from './cleanup.ts';
import { Collector } from './collector.ts';
import { DOOR, DoorRig, PINS, type Emulator, type PinChange } from './door-rig.ts';
import type { Program } from './program.ts';
import { ShakyBroker } from './shaky-broker.ts';

/** README's bound on how long the relay stays on after its terminal, or a process of the door, was killed or frozen. */
export const RELAY_OFF_MS = 6_000;
/** What a board had received whole before the cable was pulled, it still does; it is put back after twice as long. */
const RECEIVED_MS = 500;
/** A pulse is measured through two processes and an emulated board, on a machine that may have much else to do. */
const SLACK_MS = 500;

interface Scene {
  readonly rig: DoorRig;
  readonly collector: Collector;
  readonly brokerUrl: string;
}

async function openScene(cleanup: Cleanup, emulator?: Emulator): Promise<Scene> {
  const broker = await ShakyBroker.open(cleanup);
  const collector = await Collector.open(broker.url);
  cleanup.after(() => collector.close());
  return { rig: await DoorRig.open(cleanup, emulator), collector, brokerUrl: broker.url };
}

/** The times for which a pin was high, milliseconds. */
function pulses(changes: readonly PinChange[], pin: number): number[] {
  const own = changes.filter((change) => change.pin === pin);
  return own.flatMap((change, index) => (change.high && index + 1 < own.length ? [own[index + 1].at - change.at] : []));
}

/** Artificial people touch; tells for how long the relay's pin was high each time, milliseconds. */
export async function grantedTouches(cleanup: Cleanup, emulator: Emulator, touches: number): Promise<number[]> {
  const { rig, collector, brokerUrl } = await openScene(cleanup, emulator);
  const terminal = await rig.terminal(brokerUrl, '--sensor', 'artificial:optical', '--touches', String(touches));
  assert.equal(await terminal.exit(), 0, terminal.errors.join('\n'));
  await collector.until(({ events }) => events.some(({ type }) => type === 'whorl.terminal.stopped'));
  const count = (wanted: EventType): number => collector.events.filter(({ type }) => type === wanted).length;

  // The first may have come before the board had booted.
  assert.ok(count('whorl.door.failed') <= 1, `${count('whorl.door.failed')} failed`);
  const unlocked = count('whorl.touch.granted') - count('whorl.door.failed');
  assert.ok(unlocked >= 3, `${unlocked} unlocked`);
  assert.equal(count('whorl.door.unlocked'), unlocked);
  assert.equal(rig.released, false);
  const raised = pulses(rig.changes, PINS.relay);
  // A touch within a pulse prolongs it; the last pulse ends with the terminal.
  assert.ok(raised.length >= 1 && raised.length <= unlocked, `${raised.length} pulses of ${unlocked}`);
  for (const ms of raised.slice(0, -1)) assert.ok(ms >= DOOR.unlockMs - SLACK_MS, `a pulse of ${ms} ms`);
  assert.ok(Math.max(...raised) <= unlocked * (DOOR.unlockMs + SLACK_MS), `a pulse of ${Math.max(...raised)} ms`);
  assert.ok(pulses(rig.changes, PINS.green).length >= unlocked - 1, 'the green lamp tells it');
  assert.ok(pulses(rig.changes, PINS.buzzer).length >= unlocked, 'so does the buzzer');
  return raised.slice(0, -1);
}

/** Boots a board twice, with nobody to tell it anything; gives the blinks of pin 13 and changes of every other output. */
export async function twoBoots(cleanup: Cleanup, emulator: Emulator): Promise<{ blinks: number; others: number }> {
  const rig = await DoorRig.open(cleanup, emulator);
  const blinks = (): number => rig.changes.filter(({ pin, high }) => pin === 13 && high).length;
  await rig.until(() => blinks() >= 6, 'a boot blinks');
  await pause(1_000);
  rig.board.reset();
  await rig.until(() => blinks() >= 12, 'another one does');
  await pause(1_000);
  return { blinks: blinks(), others: rig.changes.filter(({ pin }) => pin !== 13).length };
}

/** Everything that can happen at a door's inputs, each with the event, alarm and relay that it must have. */
export async function inputsAndAlarms(cleanup: Cleanup, emulator: Emulator): Promise<string[]> {
  const { rig, collector, brokerUrl } = await openScene(cleanup, emulator);
  const terminal = await rig.terminal(brokerUrl);
  const { board } = rig;
  const untilSeen = async (type: EventType, count = 1): Promise<void> => {
    await rig.until(
      () => collector.events.filter((event) => event.type === type).length >= count,
      `${type} × ${count}`,
    );
  };
  // A closed circuit pulls its pin to ground; that of the contact is closed while the door is.
  const open = (pin: number): void => {
    board.press(pin, true);
  };
  const close = (pin: number): void => {
    board.press(pin, false);
  };
  close(PINS.exit);
  await untilSeen('whorl.door.exit-requested');
  await rig.until(() => rig.released, 'the exit button releases');
  open(PINS.exit);
  open(PINS.contact);
  await untilSeen('whorl.door.opened');
  await rig.until(() => !rig.released, 'opening ends the pulse');
  await untilSeen('whorl.door.held-open-soon');
  await untilSeen('whorl.door.held-open');
  close(PINS.contact);
  await untilSeen('whorl.door.alarm-ended');
  open(PINS.contact);
  await untilSeen('whorl.door.forced');
  await rig.until(() => board.isHigh(PINS.red), 'the red lamp flashes');
  close(PINS.contact);
  await untilSeen('whorl.door.alarm-ended', 2);
  open(PINS.tamper);
  await untilSeen('whorl.door.tamper');
  close(PINS.tamper);
  await untilSeen('whorl.door.tamper', 2);
  close(PINS.fire);
  await untilSeen('whorl.door.fire');
  await rig.until(() => rig.released, 'fire releases');
  open(PINS.fire);
  await untilSeen('whorl.door.fire', 2);
  await rig.until(() => !rig.released, 'locked again after the fire');
  for (const input of [PINS.contact, PINS.exit, PINS.tamper, PINS.fire])
    assert.ok(board.isPulledUp(input), `input ${input} has lost its pull-up`);
  // The board's own button: what it was told is forgotten, and told anew.
  board.reset();
  await untilSeen('whorl.door.board-lost');
  await untilSeen('whorl.door.board-ready', 2);
  open(PINS.contact);
  await untilSeen('whorl.door.forced', 2);
  await terminal.kill('SIGTERM');
  assert.equal(await terminal.exit(), 0, terminal.errors.join('\n'));
  return collector.events.map(({ type }) => type);
}

/** Who is killed or frozen, and which event tells of it. */
export const FAULTS = [
  { who: ['driver'], signal: 'SIGKILL', event: 'whorl.door.board-lost', code: 'door.io-gone' },
  { who: ['driver'], signal: 'SIGSTOP', event: 'whorl.door.board-lost', code: 'door.io-silent' },
  { who: ['terminal'], signal: 'SIGKILL', event: 'whorl.door.terminal-lost', code: 'door.terminal-gone' },
  { who: ['terminal'], signal: 'SIGSTOP', event: 'whorl.door.terminal-lost', code: 'door.terminal-silent' },
  { who: ['driver', 'terminal'], signal: 'SIGKILL', event: 'whorl.door.terminal-lost', code: 'door.terminal-gone' },
  { who: ['driver', 'terminal'], signal: 'SIGSTOP', event: 'whorl.door.terminal-lost', code: 'door.terminal-silent' },
] as const;
export type Fault = (typeof FAULTS)[number];

export function describeFault({ who, signal }: Fault): string {
  return `${signal} of ${who.map((one) => `the ${one}`).join(' and ')}`;
}

/**
 * Does it to a door that an operator has unlocked, and waits for the alarm, which a lost terminal's successor sends.
 *
 * @returns how long the relay stayed on, milliseconds
 */
export async function masterLost(cleanup: Cleanup, { who, signal, event, code }: Fault): Promise<number> {
  const { rig, collector, brokerUrl } = await openScene(cleanup);
  const terminal = await rig.terminal(brokerUrl);
  const driver = await unlockForGood(rig, terminal);
  const begin = performance.now();
  for (const one of who) process.kill(one === 'driver' ? driver : terminal.pid, signal);
  await rig.until(() => !rig.released, 'relay off', 4 * RELAY_OFF_MS);
  const ms = performance.now() - begin;

  const alarm = async (): Promise<void> => {
    const isIt = ({ type, data }: { type: string; data: object }): boolean =>
      type === event && 'code' in data && data.code === code;
    await collector.until(({ events }) => events.some(isIt), 60_000);
  };
  if (event === 'whorl.door.terminal-lost') {
    // The guard has had its say.
    await pause(1_500);
    await terminal.kill('SIGKILL');
    const next = await rig.terminal(brokerUrl);
    await alarm();
    assert.equal((await rig.ask('door.status'))?.mode, 'normal', 'an order to hold it open died with its terminal');
    await next.kill('SIGTERM');
  } else {
    await alarm();
    // The operator's order still holds: the door is opened again when the board is back.
    await rig.until(() => rig.released, 'ready again', 60_000);
    await terminal.kill('SIGTERM');
  }
  assert.equal(rig.released, false);
  return ms;
}

/** A terminal that was frozen for longer than its door's processes wait, and then goes on: so does its door. */
export async function terminalThawed(cleanup: Cleanup): Promise<void> {
  const { rig, collector, brokerUrl } = await openScene(cleanup);
  const terminal = await rig.terminal(brokerUrl);
  await unlockForGood(rig, terminal);
  process.kill(terminal.pid, 'SIGSTOP');
  await rig.until(() => !rig.released, 'relay off', 4 * RELAY_OFF_MS);
  await pause(1_500);
  process.kill(terminal.pid, 'SIGCONT');
  for (const type of ['whorl.door.terminal-lost', 'whorl.door.board-lost'] as const)
    await collector.until(({ events }) => events.some((event) => event.type === type), 60_000);
  await rig.until(() => rig.released, 'ready again', 60_000);
  await terminal.kill('SIGTERM');
  assert.equal(rig.released, false);
}

/** Gives the driver's process id. */
async function unlockForGood(rig: DoorRig, terminal: Program): Promise<number> {
  let driver: number | undefined;
  await rig.until(() => (driver = rig.ioProcesses(terminal).driver) !== undefined, 'a driver');
  await rig.ask('door.open', { hold: true });
  await rig.until(() => rig.released, 'unlocked');
  return driver ?? 0;
}

/**
 * The cable pulled again and again at any instant of an order to unlock, and put back after a second, with another
 * order given while it is out. Throws where the relay's pin rises after it was pulled.
 *
 * @returns how often the pin had risen before
 */
export async function cablePulled(
  cleanup: Cleanup,
  rounds: number,
  onRound?: (round: number) => void,
): Promise<number> {
  const { rig, brokerUrl } = await openScene(cleanup);
  const terminal = await rig.terminal(brokerUrl);
  const random = new Random(11);
  let risen = 0;
  for (let round = 0; round < rounds; round++) {
    onRound?.(round);
    await rig.until(() => !rig.released, 'locked');
    const begin = performance.now();
    const order = rig.ask('door.open', { ms: 500 });
    await pause(random.between(0, 30));
    const pulled = performance.now();
    await rig.wire.unplug();
    await order;
    void rig.ask('door.open', { ms: 500 });
    await pause(1_000);
    await rig.wire.plug();
    await rig.until(async () => (await rig.ask('door.status'))?.board === 'ready', 'the board is back', 60_000);
    await pause(100);
    const rises = rig.changes.filter(({ pin, high, at }) => pin === PINS.relay && high && at > begin);
    assert.deepEqual(
      rises.filter(({ at }) => at > pulled + RECEIVED_MS),
      [],
      `round ${round}: the relay rose after the cable was pulled`,
    );
    risen += rises.length;
  }
  await terminal.kill('SIGTERM');
  return risen;
}
