import { growFinger, type Finger } from '../../../models/synthesis/finger.ts';
import { derive, type Random } from '../../../models/synthesis/random.ts';

/** Who may come to an artificial door. Nobody of that name owns these fingers. */
const STAFF: readonly string[] = ['Amara', 'Bao', 'Chiara', 'Dmitri', 'Elif', 'Farid'];
const STRANGERS = 4;

export interface Character {
  readonly name: string;
  readonly enrolled: boolean;
  /** Grown when first needed. */
  readonly finger: () => Finger;
}

/** The people of a seed: staff with the finger that they enrol, the same staff with another finger, and strangers. */
export interface Crew {
  readonly staff: readonly Character[];
  readonly wrongFingers: readonly Character[];
  readonly strangers: readonly Character[];
}

/** Who comes to the door, in percent: staff, staff with a finger that they never enrolled, strangers. */
const VISITS = [76, 8, 16] as const;

const CREW = 0xc4e3;

/** @param seed different seeds are different people */
export function gatherCrew(seed: number): Crew {
  const family = derive(seed, CREW);
  let count = 0;
  const character = (name: string, enrolled: boolean): Character => {
    const fingerSeed = derive(family, count++);
    let grown: Finger | undefined;
    return { name, enrolled, finger: () => (grown ??= growFinger(fingerSeed)) };
  };
  return {
    staff: STAFF.map((name) => character(name, true)),
    wrongFingers: STAFF.map((name) => character(`${name}’s other finger`, false)),
    strangers: Array.from({ length: STRANGERS }, (_, index) => character(`stranger ${index + 1}`, false)),
  };
}

/** Who comes next. */
export function nextVisitor({ staff, wrongFingers, strangers }: Crew, random: Random): Character {
  const group = [staff, wrongFingers, strangers][random.weighted(VISITS)] ?? strangers;
  return group[random.below(group.length)];
}
