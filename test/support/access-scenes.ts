import type { TestContext } from 'node:test';
import Database from 'better-sqlite3';
import { readRules } from '../../device/access/rules-file.ts';
import type { StopReason } from '../../device/access/stop-reason.ts';
import { Doorkeeper } from '../../device/doorkeeper.ts';
import { EventsError } from '../../device/events/errors.ts';
import type { Report } from '../../device/events/event.ts';
import type { Gallery } from '../../device/gallery/gallery.ts';
import type { FingerPosition } from '../../device/gallery/finger-position.ts';
import type { Pass } from '../../device/gallery/pass.ts';
import type { GrayImage } from '../../device/imaging/gray-image.ts';
import type { Capture } from '../../device/sensor/sensor.ts';
import { Terminal, type Recognition, type Recognizer, type Touch } from '../../device/terminal.ts';
import { NotingDoor, ScriptedSensor } from './fake-parts.ts';
import { emptyGallery } from './gallery.ts';
import { ManualClock } from './manual-clock.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** Fingers that people of a scene have. */
const FINGERS: readonly FingerPosition[] = ['right-index', 'left-index'];

/** Who touches (1 for the first of a stage's people, 0 for a stranger), and with which of their fingers. */
export type Toucher = number | readonly [person: number, finger: number];

/** Recognises people by the first pixel and fingers by the second; 0 is a stranger. */
class CrewRecognizer implements Recognizer<readonly number[]> {
  readonly #ids: readonly string[];

  constructor(ids: readonly string[]) {
    this.#ids = ids;
  }

  features({ pixels }: GrayImage): { readonly kind: 'features'; readonly features: readonly number[] } {
    return { kind: 'features', features: [...pixels] };
  }

  decide([person, finger]: readonly number[]): Recognition {
    const figures = { threshold: 1, quality: 50 };
    if (person === 0) return { kind: 'denied', reason: 'not-recognised', figures };
    return { kind: 'recognised', person: { id: this.#ids[person - 1], name: 'A' }, finger: FINGERS[finger], figures };
  }
}

/** Rules at work: a terminal with a gallery on disk, people in it, and a clock that stands at midnight, 1 January 2026. */
export class Stage {
  readonly clock = new ManualClock();
  readonly door = new NotingDoor();
  readonly reports: Report[] = [];
  readonly people: readonly string[];
  /** Of the gallery's file. */
  readonly path: string;
  gallery: Gallery;
  trusted = true;
  lockdown = false;
  /** Events that no disk takes. */
  refuse: (report: Report) => boolean = () => false;
  readonly #reopen: () => Gallery;
  #doorkeeper: Doorkeeper;

  constructor(context: TestContext, rules: string | undefined, passes: readonly Pass[]) {
    const { gallery, path, reopen } = emptyGallery(context);
    this.gallery = gallery;
    this.path = path;
    this.#reopen = reopen;
    this.people = passes.map((pass, index) => {
      const { id } = gallery.addPerson({ name: `Person ${index + 1}` });
      gallery.setPass(id, pass);
      return id;
    });
    if (rules !== undefined) gallery.saveRules(readRules(rules).text, 'test', new Map());
    this.#doorkeeper = this.#employ();
  }

  /** The terminal is killed and started again. */
  restart(): void {
    this.gallery = this.#reopen();
    this.#doorkeeper = this.#employ();
  }

  /** Whether the rules keep the door unlocked now. */
  get standsOpen(): boolean {
    return this.#doorkeeper.standsOpen();
  }

  /** They touch one after the other; how the last touch ended. */
  async touch(...people: readonly Toucher[]): Promise<Touch> {
    const script = people.map((who): Capture => {
      const pixels = Uint8Array.from(typeof who === 'number' ? [who, 0] : who);
      return { kind: 'image', image: { width: 2, height: 1, dpi: 500, pixels } };
    });
    const touches: Touch[] = [];
    const terminal = new Terminal({
      sensor: new ScriptedSensor(script),
      recognizer: new CrewRecognizer(this.people),
      access: this.#doorkeeper,
      door: this.door,
      commit: (report) => {
        if (this.refuse(report)) throw new EventsError('events.outbox-write', 'disk full');
        this.reports.push(report);
      },
      clock: this.clock,
      pulseMs: 3_000,
      names: false,
    });
    await terminal.run(new AbortController().signal, Infinity, (touch) => touches.push(touch));
    return touches[touches.length - 1];
  }

  /** `granted`, or why not. */
  async outcome(...people: readonly Toucher[]): Promise<string> {
    const touch = await this.touch(...people);
    if (touch.kind !== 'decided') return touch.kind;
    return touch.verdict.kind === 'denied' ? touch.verdict.reason : 'granted';
  }

  #employ(): Doorkeeper {
    return new Doorkeeper({
      gallery: this.gallery,
      clock: this.clock,
      trusted: () => this.trusted,
      lockdown: () => this.lockdown,
    });
  }
}

const HEAD = 'version: 1\nzone: UTC\nungrouped: staff\n';
/** 1 January 2026 is a Thursday. */
const HOURS = `${HEAD}holidays: { newyear: [01-01] }
schedules:
  office: { periods: [mon-fri 08:00-18:00], holidays: { newyear: [] } }
  days: { periods: [daily 08:00-18:00] }
`;

export const RULES = {
  always: `${HEAD}groups: { staff: { when: always } }\n`,
  office: `${HOURS}groups: { staff: { when: [office] } }\n`,
  days: `${HOURS}groups: { staff: { when: [days] } }\n`,
  chief: `${HOURS}groups: { staff: { when: always }, chiefs: { when: always } }
door:
  unlock: { when: [days], after: [chiefs] }
  firstPerson: { when: [days], groups: [chiefs] }
`,
  pairs: `${HEAD}groups: { staff: { when: always }, chiefs: { when: always } }
door: { twoPerson: { within: 20 } }
`,
  approved: `${HEAD}groups: { staff: { when: always }, chiefs: { when: always } }
door: { twoPerson: { within: 20, approvers: [chiefs] } }
`,
  passback: (mode: string): string => `${HEAD}groups: { staff: { when: always }, chiefs: { when: always } }
door: { antiPassback: { mode: ${mode}, exempt: [chiefs]${mode === 'timed' ? ', minutes: 10' : ''} } }
`,
} as const;

/** What leads to a denial for this reason: the last touch of the scene is denied so. */
export interface Scene {
  readonly rules?: string;
  readonly passes?: readonly Pass[];
  /** Before the touches. */
  readonly prepare?: (stage: Stage) => void | Promise<void>;
  readonly touches: readonly number[];
}

export const SCENES: Readonly<Record<StopReason, Scene>> = {
  'rules-unreadable': {
    rules: RULES.always,
    prepare: ({ path }) => {
      const database = new Database(path);
      database.exec('DELETE FROM rules');
      database.close();
    },
    touches: [1],
  },
  lockdown: {
    prepare: (stage) => {
      stage.lockdown = true;
    },
    touches: [1],
  },
  blocked: { passes: [{ blocked: true }], touches: [1] },
  'no-group': { rules: RULES.always, passes: [{ groups: ['gone'] }], touches: [1] },
  'clock-untrusted': {
    rules: RULES.days,
    prepare: async (stage) => {
      await stage.clock.advance(9 * HOUR);
      stage.trusted = false;
    },
    touches: [1],
  },
  'not-yet-valid': { passes: [{ validFrom: '2026-01-02' }], touches: [1] },
  expired: { passes: [{ validUntil: '2025-12-31' }], touches: [1] },
  holiday: { rules: RULES.office, prepare: ({ clock }) => clock.advance(9 * HOUR), touches: [1] },
  'outside-schedule': { rules: RULES.days, touches: [1] },
  'first-person-missing': { rules: RULES.chief, prepare: ({ clock }) => clock.advance(9 * HOUR), touches: [1] },
  'anti-passback': { rules: RULES.passback('hard'), touches: [1, 1] },
  'anti-passback-timed': { rules: RULES.passback('timed'), touches: [1, 1] },
  'second-person-needed': { rules: RULES.pairs, touches: [1] },
  'approver-needed': { rules: RULES.approved, passes: [{}, {}], touches: [1, 2] },
};

export async function play(context: TestContext, reason: StopReason): Promise<{ stage: Stage; last: Touch }> {
  const { rules, passes = [{}], prepare, touches } = SCENES[reason];
  const stage = new Stage(context, rules, passes);
  await prepare?.(stage);
  return { stage, last: await stage.touch(...touches) };
}
