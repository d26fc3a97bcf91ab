import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { STOP_REASONS } from '../../device/access/stop-reason.ts';
import type { Report } from '../../device/events/event.ts';
import { outcomeOf } from '../../device/outcome.ts';
import { DoorError } from '../../device/door/errors.ts';
import { HOUR, MINUTE, play, RULES, Stage } from '../support/access-scenes.ts';

const types = (reports: readonly Report[]): string[] => reports.map(({ type }) => type);

describe('every reason for which the rules stop somebody', () => {
  for (const reason of STOP_REASONS)
    test(reason, async (context) => {
      const { stage, last } = await play(context, reason);
      assert.ok(last.kind === 'decided' && last.verdict.kind === 'denied');
      assert.equal(last.verdict.reason, reason);
      const report = stage.reports.at(-1);
      assert.ok(report?.type === 'whorl.touch.denied');
      assert.equal(report.data.reason, reason);
      assert.ok(report.subject !== undefined && stage.people.includes(report.subject), 'the event names the person');
      assert.ok(outcomeOf(last).text.length > 0);
      const granted = types(stage.reports).filter((type) => type === 'whorl.touch.granted').length;
      assert.equal(stage.door.unlocks.length, granted, 'a denial moves no door');
    });
});

describe('the rules at the door', () => {
  test('without rules everybody who is enrolled passes at any time, whatever the clock', async (context) => {
    const stage = new Stage(context, undefined, [{}]);
    stage.trusted = false;
    assert.equal(await stage.outcome(1), 'granted');
    assert.deepEqual(types(stage.reports), ['whorl.touch.granted']);
    assert.ok(stage.reports[0].type === 'whorl.touch.granted' && stage.reports[0].data.rules === 0);
  });

  test('rules and passes changed by another process hold for the very next touch', async (context) => {
    const stage = new Stage(context, RULES.always, [{}]);
    assert.equal(await stage.outcome(1), 'granted');
    stage.gallery.setPass(stage.people[0], { blocked: true });
    assert.equal(await stage.outcome(1), 'blocked');
    stage.gallery.setPass(stage.people[0], {});
    stage.gallery.saveRules(RULES.days, 'test', new Map());
    assert.equal(await stage.outcome(1), 'outside-schedule');
    const report = stage.reports.at(-1);
    assert.ok(report?.type === 'whorl.touch.denied' && report.data.rules === 2);
  });

  test('rules whose text cannot be used let nobody pass, and say why', async (context) => {
    const stage = new Stage(context, undefined, [{}]);
    stage.gallery.saveRules('version: 1\nzone: Nowhere/Land\n', 'test', new Map());
    assert.equal(await stage.outcome(1), 'rules-unreadable');
    const [why] = stage.reports;
    assert.ok(why.type === 'whorl.access.unreadable' && why.data.code === 'access.rules-invalid');
    assert.equal(stage.standsOpen, false);
  });

  test('an untrusted clock denies only what depends on time', async (context) => {
    const stage = new Stage(context, RULES.chief, [{}, { groups: ['chiefs'] }, { validUntil: '2030-01-01' }]);
    await stage.clock.advance(9 * HOUR);
    assert.equal(await stage.outcome(2), 'granted');
    assert.equal(stage.standsOpen, true);
    stage.trusted = false;
    assert.equal(await stage.outcome(2), 'granted');
    assert.equal(await stage.outcome(1), 'clock-untrusted');
    assert.equal(await stage.outcome(3), 'clock-untrusted');
    assert.equal(stage.standsOpen, false, 'no schedule opens a door by a clock in doubt');
    assert.equal(stage.door.unlocks.length, 2);
  });

  test('duress looks as any touch of the person, with a silent alarm on disk before the door moves', async (context) => {
    const stage = new Stage(context, RULES.always, [{ duress: ['left-index'] }]);
    const usual = await stage.touch([1, 0]);
    const [shown] = stage.reports.splice(0);
    const forced = await stage.touch([1, 1]);
    assert.deepEqual(types(stage.reports), ['whorl.access.duress', 'whorl.touch.granted']);
    assert.equal(stage.reports[0].subject, stage.people[0]);
    assert.deepEqual(outcomeOf(forced), outcomeOf(usual));
    const seen = (report: Report): object => ({ ...report, data: Object.keys(report.data) });
    assert.deepEqual(seen(stage.reports[1]), seen(shown));
    assert.deepEqual(stage.door.unlocks, [3_000, 3_000]);
  });

  test('duress alarms too where the rules stop the person', async (context) => {
    const stage = new Stage(context, RULES.days, [{ duress: ['left-index'] }]);
    assert.equal(await stage.outcome([1, 1]), 'outside-schedule');
    assert.deepEqual(types(stage.reports), ['whorl.access.duress', 'whorl.touch.denied']);
  });

  test('whoever needs longer gets longer', async (context) => {
    const stage = new Stage(context, RULES.always, [{ extendedOpening: true }, {}]);
    await stage.touch(1, 2);
    assert.deepEqual(stage.door.unlocks, [15_000, 3_000]);
  });
});

describe('two people', () => {
  test('two different people within the time pass, and the event names both', async (context) => {
    const stage = new Stage(context, RULES.pairs, [{}, {}]);
    assert.equal(await stage.outcome(1), 'second-person-needed');
    await stage.clock.advance(20_000);
    assert.equal(await stage.outcome(2), 'granted');
    const report = stage.reports.at(-1);
    assert.ok(report?.type === 'whorl.touch.granted' && report.data.with === stage.people[0]);
    assert.equal(await stage.outcome(2), 'second-person-needed', 'the next pair begins anew');
  });

  test('not one person twice, not too late, not with somebody blocked meanwhile, not after a restart', async (context) => {
    const stage = new Stage(context, RULES.pairs, [{}, {}]);
    assert.equal(await stage.outcome(1, 1), 'second-person-needed');
    await stage.clock.advance(20_001);
    assert.equal(await stage.outcome(2), 'second-person-needed');
    stage.gallery.setPass(stage.people[1], { blocked: true });
    assert.equal(await stage.outcome(1), 'second-person-needed');
    stage.gallery.setPass(stage.people[1], {});
    stage.restart();
    assert.equal(await stage.outcome(2), 'second-person-needed');
    stage.gallery.erasePerson(stage.people[1]);
    assert.equal(await stage.outcome(1), 'second-person-needed');
    assert.deepEqual(stage.door.unlocks, []);
  });

  test('one of them must be an approver, whoever comes first', async (context) => {
    const stage = new Stage(context, RULES.approved, [{}, {}, { groups: ['chiefs'] }]);
    assert.equal(await stage.outcome(1, 2), 'approver-needed');
    assert.equal(await stage.outcome(3), 'granted');
    assert.equal(await stage.outcome(3, 1), 'granted');
  });
});

describe('the first person', () => {
  test('opens the period for the others, and the door where the rules say so, over a restart, until it ends', async (context) => {
    const stage = new Stage(context, RULES.chief, [{}, { groups: ['chiefs'] }]);
    await stage.clock.advance(7 * HOUR + 59 * MINUTE);
    assert.equal(await stage.outcome(1), 'granted', 'outside the period nobody has to wait');
    assert.equal(await stage.outcome(2), 'granted');
    await stage.clock.advance(MINUTE);
    assert.equal(await stage.outcome(1), 'first-person-missing', 'who came before the period does not count');
    assert.equal(stage.standsOpen, false);
    assert.equal(await stage.outcome(2, 1), 'granted');
    assert.equal(stage.standsOpen, true);
    stage.restart();
    assert.equal(stage.standsOpen, true);
    assert.equal(await stage.outcome(1), 'granted');
    await stage.clock.advance(10 * HOUR - 1);
    assert.equal(stage.standsOpen, true);
    await stage.clock.advance(1);
    assert.equal(stage.standsOpen, false);
    await stage.clock.advance(14 * HOUR);
    assert.equal(await stage.outcome(1), 'first-person-missing', 'the next day waits anew');
  });
});

describe('anti-passback', () => {
  test('hard: never twice, over a restart too, until somebody forgives; exempt groups pass', async (context) => {
    const stage = new Stage(context, RULES.passback('hard'), [{}, { groups: ['chiefs'] }]);
    assert.equal(await stage.outcome(1), 'granted');
    stage.restart();
    await stage.clock.advance(48 * HOUR);
    assert.equal(await stage.outcome(1), 'anti-passback');
    assert.equal(await stage.outcome(2, 2), 'granted');
    assert.equal(stage.gallery.forgetPassages(stage.people[0]), 1);
    assert.equal(await stage.outcome(1), 'granted');
  });

  test('soft: passes, and an event says that somebody passed twice', async (context) => {
    const stage = new Stage(context, RULES.passback('soft'), [{}]);
    assert.equal(await stage.outcome(1, 1), 'granted');
    assert.deepEqual(types(stage.reports), ['whorl.touch.granted', 'whorl.access.passback', 'whorl.touch.granted']);
  });

  test('timed: not again within the minutes', async (context) => {
    const stage = new Stage(context, RULES.passback('timed'), [{}]);
    assert.equal(await stage.outcome(1), 'granted');
    stage.restart();
    await stage.clock.advance(10 * MINUTE - 1);
    assert.equal(await stage.outcome(1), 'anti-passback-timed');
    await stage.clock.advance(1);
    assert.equal(await stage.outcome(1), 'granted');
  });

  test('a door that did not open lets the person try again', async (context) => {
    const stage = new Stage(context, RULES.passback('hard'), [{}]);
    stage.door.failure = new DoorError('door.closed', 'the strike does not answer');
    assert.equal(await stage.outcome(1), 'failed');
    stage.door.failure = undefined;
    stage.restart();
    assert.equal(await stage.outcome(1), 'granted');
  });

  test('an event that no disk takes leaves the door locked and nothing remembered', async (context) => {
    const stage = new Stage(context, RULES.passback('hard'), [{ duress: ['left-index'] }]);
    for (const refused of ['whorl.touch.granted', 'whorl.access.duress']) {
      stage.refuse = ({ type }) => type === refused;
      assert.equal(await stage.outcome([1, 1]), 'failed');
    }
    assert.deepEqual(stage.door.unlocks, []);
    stage.refuse = () => false;
    assert.equal(await stage.outcome([1, 1]), 'granted');
  });

  test('what must be remembered and cannot be written leaves the door locked', async (context) => {
    const stage = new Stage(context, RULES.passback('hard'), [{}]);
    stage.gallery.savePassages = () => {
      throw new Error('disk full');
    };
    assert.equal(await stage.outcome(1), 'failed');
    assert.deepEqual(stage.door.unlocks, []);
  });
});
