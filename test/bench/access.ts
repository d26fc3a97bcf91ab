import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Figure } from '../../calibration/figures.ts';
import { systemClock } from '../../device/clock.ts';
import { BoardLink } from '../../device/door/board-link.ts';
import { ControlledDoor } from '../../device/door/controlled-door.ts';
import type { Door } from '../../device/door/door.ts';
import { Doorkeeper } from '../../device/doorkeeper.ts';
import { Gallery } from '../../device/gallery/gallery.ts';

const PEOPLE = 10_000;
const RULES = 1_000;
const HOLIDAY_LISTS = 20;
const ZONES = ['Europe/Zurich', 'UTC', 'America/New_York', 'Asia/Kathmandu'];
const TOUCHES_A_ROUND = 1_000;
/** Unmeasured: rules are read and code is compiled at the first touches. */
const FIRST_TOUCHES = 500;
/** The terminal syncs after each touch, when nobody waits any more; here it would only take long. */
const SETTLE_EVERY = 20;
const ANSWERING = fileURLToPath(new URL('../support/answering-io.mjs', import.meta.url));

export interface AccessFigures {
  /** What the rules say and what they remember, written down. */
  readonly access: Figure;
  /** The order to unlock, to the door's own process and back. */
  readonly door: Figure;
  readonly verdict: Figure;
}

/**
 * What rules and door add to a touch, from knowing the person to the order's return from the door's process: the 99th
 * percentile of each round, with 10,000 people in four groups each, and 1,000 groups that each have a schedule of their
 * own. People pass, which asks all there is to ask, and anti-passback writes down every touch. The time in which
 * other programs of this machine had the core is left out.
 */
export async function benchAccess(rounds: number): Promise<AccessFigures> {
  const directory = mkdtempSync(join(tmpdir(), 'whorl-bench-'));
  const gallery = Gallery.open({ path: join(directory, 'gallery.sqlite'), key: randomBytes(32) });
  try {
    const people = populate(gallery);
    const doorkeeper = new Doorkeeper({ gallery, clock: systemClock, trusted: () => true, lockdown: () => false });
    const { door, waited } = await openDoor();
    try {
      const all: Record<keyof AccessFigures, number[]> = { access: [], door: [], verdict: [] };
      let nth = 0;
      const touch = (): Promise<Cost> => {
        if (nth % SETTLE_EVERY === 0) doorkeeper.settle();
        // A touch finds the door locked.
        door.command('secured');
        return costOf(doorkeeper, door, people[(nth++ * 7_919) % PEOPLE], waited);
      };
      for (let count = 0; count < FIRST_TOUCHES; count++) await touch();
      for (let round = 0; round < rounds; round++) {
        const costs: Cost[] = [];
        for (let count = 0; count < TOUCHES_A_ROUND; count++) costs.push(await touch());
        all.access.push(p99(costs.map(({ access }) => access)));
        all.door.push(p99(costs.map((cost) => cost.door)));
        all.verdict.push(p99(costs.map((cost) => cost.access + cost.door)));
      }
      const figure = (what: string, values: readonly number[]): Figure => ({ what, unit: 'ms', rounds: values });
      return {
        access: figure('rules asked, passage written, p99', all.access),
        door: figure('order to the door’s process and back, p99', all.door),
        verdict: figure('both: what the verdict adds, p99', all.verdict),
      };
    } finally {
      await door.close();
    }
  } finally {
    gallery.close();
    rmSync(directory, { recursive: true });
  }
}

/** Of one touch, milliseconds. */
interface Cost {
  readonly access: number;
  readonly door: number;
}

async function costOf(doorkeeper: Doorkeeper, door: Door, person: string, waited: () => number): Promise<Cost> {
  const before = waited();
  const begin = performance.now();
  doorkeeper.remember(doorkeeper.judge(person, 'right-index'));
  const access = performance.now() - begin;
  const between = waited();
  const order = performance.now();
  await door.unlock(3_000);
  const command = performance.now() - order;
  return { access: access - (between - before), door: command - (waited() - between) };
}

/** @returns ids */
function populate(gallery: Gallery): string[] {
  const names = Array.from({ length: RULES }, (_, index) => `rule ${index}`);
  gallery.saveRules(rulesOf(names), 'bench', new Map());
  return gallery.atomically(() =>
    Array.from({ length: PEOPLE }, (_, index) => {
      const groups = [0, 1, 2, 3].map((nth) => names[(index * 7 + nth * 131) % RULES]);
      return gallery.addPerson({ name: `Person ${index}` }, { groups, validFrom: '2020-01-01' }).id;
    }),
  );
}

/** A door, and how long this process and the door's have waited for a core so far, milliseconds. */
async function openDoor(): Promise<{ door: Door; waited: () => number }> {
  const wiring = { board: { kind: 'firmata', port: 'none' }, relay: { line: 8, active: 'high' }, inputs: {} } as const;
  return await new Promise((resolve) => {
    const door: Door = new ControlledDoor({
      open: BoardLink.opener({ program: ANSWERING, argv: [], wiring }),
      settings: { contact: false, lock: 'secure', unlockMs: 3_000, heldOpen: { warnMs: 20_000, alarmMs: 10_000 } },
      clock: systemClock,
      onChange: ({ kind }) => {
        if (kind !== 'board-ready') return;
        const pids = [process.pid, ...childrenOf(process.pid)];
        resolve({ door, waited: () => pids.reduce((sum, pid) => sum + runDelay(pid), 0) });
      },
    });
  });
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  } catch {
    return [];
  }
}

/** Of a process's main thread, by Linux; 0 where the kernel does not tell. */
function runDelay(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

function rulesOf(names: readonly string[]): string {
  const twoDigits = (value: number): string => String(value).padStart(2, '0');
  const holidays = Array.from({ length: HOLIDAY_LISTS }, (_, list) =>
    Array.from(
      { length: 30 },
      (_, nth) => `2020-${twoDigits(1 + (nth % 12))}-${twoDigits(1 + ((nth * 7 + list) % 28))}`,
    ),
  );
  // JSON is YAML.
  return JSON.stringify({
    version: 1,
    zone: 'Europe/Zurich',
    holidays: Object.fromEntries(holidays.map((days, list) => [`list ${list}`, days])),
    schedules: Object.fromEntries(
      names.map((name, index) => [
        name,
        {
          zone: ZONES[index % ZONES.length],
          periods: ['mon-fri 06:00-09:00', 'sat,sun 08:00-12:00', 'daily 22:00-05:00', 'daily 00:00-24:00'],
          holidays: { [`list ${index % HOLIDAY_LISTS}`]: ['08:00-12:00'] },
        },
      ]),
    ),
    groups: Object.fromEntries(names.map((name) => [name, { when: [name] }])),
    door: {
      antiPassback: { mode: 'soft' },
      firstPerson: { when: names.slice(0, 100), groups: names.slice(0, 20) },
      unlock: { when: names.slice(0, 100), after: names.slice(0, 20) },
    },
  });
}

function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)];
}
