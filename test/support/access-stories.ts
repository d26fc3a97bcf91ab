import assert from 'node:assert/strict';
import { judge, standsOpen } from '../../device/access/judge.ts';
import { rulesOf } from '../../device/access/look-up-names.ts';
import { rulesSchema } from '../../device/access/rules-schema.ts';
import type { AccessState } from '../../device/access/state.ts';
import { AccessModel } from './access-model.ts';
import { clockChanges, randomStory } from './arbitrary-rules.ts';
import { random } from './minutiae.ts';

/** What was compared. */
export interface Tally {
  readonly stories: number;
  readonly touches: number;
  /** How often each outcome came. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Touches at moments that rules go wrong at. */
  readonly corners: Corners;
}

export interface Corners {
  /** Within three hours of one in the rules' own zone. */
  readonly clockChange: number;
  readonly leapDay: number;
  /** On the second day of a period that goes beyond midnight. */
  readonly pastMidnight: number;
  readonly zones: number;
}

const CLOSE_MS = 3 * 3_600_000;

/** Asks rules and model the same of random stories, each by its seed; throws at the first difference. */
export function compareStories(first: number, stories: number): Tally {
  const changes = clockChanges();
  const outcomes = new Map<string, number>();
  const zones = new Set<string>();
  let [touches, clockChange, leapDay, pastMidnight] = [0, 0, 0, 0];
  for (let seed = first; seed < first + stories; seed++) {
    const story = randomStory(random(seed), changes);
    const rules = rulesOf(rulesSchema.parse(story.rules));
    const model = new AccessModel(story);
    let state: AccessState = { passages: {}, leaders: {} };
    for (const touch of story.touches) {
      const waiting = state.waiting && { waiting: story.people[state.waiting.person] };
      const verdict = judge(rules, state, {
        person: touch.person,
        pass: story.people[touch.person],
        moment: touch,
        lockdown: touch.lockdown,
        ...waiting,
      });
      state = verdict.state;
      const said =
        verdict.kind === 'stop'
          ? { outcome: verdict.reason, passback: false }
          : { outcome: 'pass', openingMs: verdict.openingMs, passback: verdict.passback };
      assert.deepEqual(
        { openingMs: undefined, ...said, open: standsOpen(rules, state, touch) },
        { openingMs: undefined, ...model.answer(touch) },
        `story ${seed}: ${JSON.stringify({ ...story, touch }, undefined, 1)}`,
      );
      outcomes.set(said.outcome, (outcomes.get(said.outcome) ?? 0) + 1);
      const { zone } = story.rules;
      zones.add(zone);
      touches++;
      if (changes.get(zone)?.some((change) => Math.abs(change - touch.time) < CLOSE_MS)) clockChange++;
      if (model.day(touch).endsWith('-02-29')) leapDay++;
      if (model.isPastMidnight(touch)) pastMidnight++;
    }
  }
  return { stories, touches, outcomes, corners: { clockChange, leapDay, pastMidnight, zones: zones.size } };
}
