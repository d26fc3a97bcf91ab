import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { RELEASED } from '../../device/access/clock-doubt.ts';
import { type Clock, systemClock } from '../../device/clock.ts';
import { CLOCK_FILE, ClockTrust } from '../../device/clock-trust.ts';
import type { Door } from '../../device/door/door.ts';
import { makeDirectory } from '../../device/durable-file.ts';
import { DoorDesk } from '../../device/door-desk.ts';
import type { Report } from '../../device/events/event.ts';
import { Outbox, OUTBOX_FILE } from '../../device/events/outbox.ts';
import { eraseGallery } from '../../device/gallery/erase-all.ts';
import { GalleryError } from '../../device/gallery/errors.ts';
import type { Gallery } from '../../device/gallery/gallery.ts';
import { openGalleryIn } from '../../device/gallery/open-in-directory.ts';
import { rotateMasterKey } from '../../device/gallery/rotate-key.ts';
import { encodeTemplate } from '../../device/gallery/template-codec.ts';
import type { SensorProfile } from '../../device/imaging/sensor-profile.ts';
import { PAIRING_FILE, PairingFile } from '../../device/sensor/pairing.ts';
import { readProfile, writeProfile } from '../../device/sensor/profile-file.ts';
import { enrolArtificial, enrolled } from './gallery.ts';
import { ManualClock } from './manual-clock.ts';

/** What a recorded program says of the disk. */
export interface Promised {
  /** In words that two equal states have in common. */
  readonly state: string;
  /** Whether a power cut may not undo it any more. */
  readonly settled: boolean;
}

/**
 * A program that changes a state directory and says, after each change, what it has promised. Each change is all or
 * nothing; the first promise is what an empty disk shows.
 */
export interface PowerCutScene {
  readonly name: string;
  readonly run: (directory: string, say: (state: string, settled?: boolean) => void) => Promise<void> | void;
  /** Opens what is there, with the code that a terminal opens it with, and tells the state. */
  readonly find: (directory: string) => Promise<string> | string;
}

const inWords = (state: unknown): string => JSON.stringify(state);

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

function galleryState(gallery: Gallery): string {
  const { people, damaged, fileDamage } = gallery.contents();
  assert.deepEqual([damaged, fileDamage], [[], undefined], 'the gallery is damaged');
  const { passages, leaders } = gallery.passages(people.map(({ id }) => id));
  return inWords({
    people: people
      .map(({ fingers, ...person }) => ({
        ...person,
        fingers: fingers.map(({ id, position, templates }) => [
          ...[id, position],
          ...templates.map(({ template }) => digest(encodeTemplate(template))),
        ]),
      }))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
    tombstones: gallery.tombstones(),
    rules: gallery.rulesVersions().map((version) => gallery.rules(version).text),
    passages,
    leaders,
  });
}

function findGallery(directory: string): string {
  const gallery = openGalleryIn(directory);
  try {
    const state = galleryState(gallery);
    // It goes on from here.
    gallery.erasePerson(gallery.addPerson({ name: 'After the cut' }).id);
    return state;
  } finally {
    gallery.close();
  }
}

const enrolmentAndErasure: PowerCutScene = {
  name: 'gallery: key made, people enrolled, changed, erased; rules saved',
  run(directory, say) {
    const gallery = openGalleryIn(directory);
    const told = (): void => {
      say(galleryState(gallery));
    };
    told();
    for (const name of ['Ada', 'Grace', 'Edsger']) {
      const { id } = gallery.addPerson({ name });
      told();
      enrolled(enrolArtificial(gallery, id, name));
      told();
    }
    const [ada, grace] = gallery.contents().people;
    gallery.setPass(ada.id, { blocked: true });
    told();
    gallery.erasePerson(grace.id);
    told();
    gallery.saveRules('groups: {}', 'Ada', new Map([[ada.id, { groups: ['staff'] }]]));
    told();
    gallery.eraseFinger(ada.fingers[0].id);
    told();
    gallery.close();
  },
  find: findGallery,
};

const passages: PowerCutScene = {
  name: 'gallery: passages, which settle later',
  run(directory, say) {
    const gallery = openGalleryIn(directory);
    say(galleryState(gallery));
    const { id } = gallery.addPerson({ name: 'Ada' });
    say(galleryState(gallery));
    for (let at = 1; at <= 6; at++) {
      gallery.savePassages([id], { [id]: { side: at % 2 === 0 ? 'exit' : 'entry', at } }, { staff: at });
      say(galleryState(gallery), false);
      if (at % 3 !== 0) continue;
      gallery.settle();
      say(galleryState(gallery));
    }
    gallery.close();
  },
  find: findGallery,
};

/** Enrols Ada in a new gallery, and closes it. @returns what it holds */
function enrolAda(directory: string, say: (state: string) => void): string {
  const gallery = openGalleryIn(directory);
  say(galleryState(gallery));
  const { id } = gallery.addPerson({ name: 'Ada' });
  say(galleryState(gallery));
  enrolled(enrolArtificial(gallery, id, 'Ada'));
  const state = galleryState(gallery);
  say(state);
  gallery.close();
  return state;
}

const rotation: PowerCutScene = {
  name: 'gallery: master key rotated, twice',
  run(directory, say) {
    const state = enrolAda(directory, say);
    for (let times = 0; times < 2; times++) {
      rotateMasterKey(directory, { keeper: 'file' });
      say(state);
    }
  },
  find: findGallery,
};

const erasure: PowerCutScene = {
  name: 'gallery: erased with its key',
  run(directory, say) {
    enrolAda(directory, say);
    eraseGallery(directory, systemClock);
    say(galleryState(openGalleryIn(directory)));
  },
  find(directory) {
    try {
      return findGallery(directory);
    } catch (error) {
      // An erasure that was cut off may leave files without their key: nobody opens them, and it is asked for again.
      if (!(error instanceof GalleryError) || !/^gallery\.(wrong-key|key-invalid|key-missing)$/.test(error.code))
        throw error;
      eraseGallery(directory, systemClock);
      return findGallery(directory);
    }
  },
};

const OUTBOX_CAPACITY = 100;
const retry: Report = { type: 'whorl.touch.retry', data: { reason: 'centre' } };

function openOutbox(directory: string): Outbox {
  makeDirectory(directory);
  const path = join(directory, OUTBOX_FILE);
  return new Outbox({ path, device: 'door-1', capacity: OUTBOX_CAPACITY, clock: new ManualClock() });
}

function outboxState(outbox: Outbox): string {
  const { last, acknowledged } = outbox;
  return inWords({
    last,
    acknowledged,
    events: outbox.read(0, 2 * OUTBOX_CAPACITY).map(({ body }) => digest(Buffer.from(body))),
  });
}

const outbox: PowerCutScene = {
  name: 'outbox: events appended, acknowledged, let go and the gap reported',
  run(directory, say) {
    const open = openOutbox(directory);
    const told = (): void => {
      say(outboxState(open));
    };
    told();
    const append = (times: number): void => {
      for (let i = 0; i < times; i++) {
        open.append(retry);
        told();
      }
    };
    append(12);
    open.acknowledge(5);
    told();
    append(3);
    open.acknowledge(15);
    told();
    append(OUTBOX_CAPACITY + 3);
    open.reportLoss();
    told();
    open.close();
  },
  find(directory) {
    const open = openOutbox(directory);
    try {
      const state = outboxState(open);
      const { last } = open;
      // It goes on from here, in the same journal.
      const old = open.read(0, 1).at(0);
      const { sequence, journal } = open.append(retry);
      assert.equal(Number(sequence), last + 1);
      if (old !== undefined) assert.equal(journal, (JSON.parse(old.body) as { journal: string }).journal);
      return state;
    } finally {
      open.close();
    }
  },
};

/** A desk over a door that only remembers whether it is locked down. */
function desk(state: string): { desk: DoorDesk; isLockedDown: () => boolean } {
  makeDirectory(state);
  let lockedDown = false;
  const door = {
    status: {},
    command: (command: string) => (lockedDown = command === 'lockdown'),
  } as unknown as Door;
  return {
    desk: new DoorDesk({ door, pulseMs: 3_000, commit: () => undefined, state }),
    isLockedDown: () => lockedDown,
  };
}

const lockdown: PowerCutScene = {
  name: 'lockdown begun and ended',
  async run(directory, say) {
    const open = desk(directory);
    say(String(open.isLockedDown()));
    for (const end of [false, true, false, false, true]) {
      await open.desk.answer({ command: 'door.lockdown', operator: 'Ada', ...(end && { end }) });
      say(String(open.isLockedDown()));
    }
  },
  find: (directory) => String(desk(directory).isLockedDown()),
};

const DAY_MS = 24 * 3_600_000;
const DAYS = [1, 2, 3, 4].map((day) => RELEASED + day * DAY_MS);

async function doubtAt(directory: string, now: number): Promise<string | undefined> {
  makeDirectory(directory);
  const clock: Clock = { now: () => now, monotonic: () => 0, sleep: () => new Promise(() => undefined) };
  const trust = await ClockTrust.open({
    ...{ clock, path: join(directory, CLOCK_FILE), battery: true, boot: 'one', onChange: () => undefined },
    synchronised: () => Promise.resolve(undefined),
  });
  trust.close();
  return trust.doubt;
}

const clock: PowerCutScene = {
  name: 'clock: the latest time seen',
  async run(directory, say) {
    say('none');
    for (const day of DAYS) {
      await doubtAt(directory, day);
      say(new Date(day).toISOString());
    }
  },
  async find(directory) {
    let latest = 'none';
    for (const day of DAYS) {
      // A little before the latest time seen is before it, and doubted; the first that is not is news.
      if ((await doubtAt(directory, day - DAY_MS / 2)) !== 'set-back') return latest;
      latest = new Date(day).toISOString();
    }
    return latest;
  },
};

const pairing: PowerCutScene = {
  name: 'sensor paired and another refused',
  run(directory, say) {
    const file = new PairingFile(join(directory, PAIRING_FILE));
    const told = (): void => {
      say(inWords(file.read()));
    };
    told();
    for (const serial of ['1', '2', '3']) {
      file.pair({ model: 'R503', serial });
      told();
      file.refuse({ model: 'R503', serial: 'other' });
      told();
    }
  },
  find: (directory) => inWords(new PairingFile(join(directory, PAIRING_FILE)).read()),
};

const SENSOR = { model: 'R503', serial: '1' };
const [WIDTH, HEIGHT] = [96, 96];

const profile: PowerCutScene = {
  name: 'sensor profile written and replaced',
  run(directory, say) {
    say('none');
    for (const dead of [[1], [2, 3], [4]]) {
      const fields = { empty: new Uint8Array(WIDTH * HEIGHT).fill(dead[0]), full: new Uint8Array(WIDTH * HEIGHT) };
      const written: SensorProfile = {
        ...{ width: WIDTH, height: HEIGHT, dpi: 508, polarity: 'dark-ridges', dead, fields },
        usable: { left: 0, top: 0, width: WIDTH, height: HEIGHT },
      };
      writeProfile(directory, SENSOR, written);
      say(String(dead));
    }
  },
  find(directory) {
    const found = readProfile(directory, SENSOR);
    return found === undefined ? 'none' : String(found.dead);
  },
};

export const POWER_CUT_SCENES: readonly PowerCutScene[] = [
  enrolmentAndErasure,
  passages,
  rotation,
  erasure,
  outbox,
  lockdown,
  clock,
  pairing,
  profile,
];
