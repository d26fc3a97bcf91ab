import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { AccessError } from '../../device/access/errors.ts';
import { judge } from '../../device/access/judge.ts';
import { readRules, writeRules } from '../../device/access/rules-file.ts';
import { STOP_REASONS } from '../../device/access/stop-reason.ts';
import type { Pass } from '../../device/gallery/pass.ts';
import { README } from '../support/readme.ts';

/** `pass`, or why not, for somebody of whom nothing is remembered. */
function verdict(yaml: string, at: string, pass: Pass = {}): string {
  const moment = { time: Date.parse(at), trusted: true, uptime: 0 };
  const state = { passages: {}, leaders: {} };
  const judged = judge(readRules(yaml).rules, state, { person: 'p1', pass, moment, lockdown: false });
  return judged.kind === 'pass' ? 'pass' : judged.reason;
}

function rules(zone: string, periods: string, holidays = ''): string {
  return `version: 1
zone: ${zone}
ungrouped: staff
holidays: { feast: [${holidays}] }
schedules: { hours: { periods: [${periods}], holidays: { feast: [] } } }
groups: { staff: { when: [hours] } }
`;
}

describe('hours of a day', () => {
  test('begin with their first minute and end before their last, as the clock on the wall shows', () => {
    const office = rules('Europe/Zurich', 'mon-fri 08:00-18:00');
    // 30 November 2026 is a Monday; Zurich is an hour ahead of UTC.
    assert.equal(verdict(office, '2026-11-30T06:59:59.999Z'), 'outside-schedule');
    assert.equal(verdict(office, '2026-11-30T07:00Z'), 'pass');
    assert.equal(verdict(office, '2026-11-30T16:59:59.999Z'), 'pass');
    assert.equal(verdict(office, '2026-11-30T17:00Z'), 'outside-schedule');
    assert.equal(verdict(office, '2026-11-29T10:00Z'), 'outside-schedule');
  });

  test('follow summer time: an hour that comes twice counts twice, one left out never comes', () => {
    const night = rules('Europe/Zurich', 'daily 02:00-03:00');
    // 25 October 2026: from 3:00 back to 2:00. 28 March 2027: from 2:00 to 3:00.
    for (const twice of ['2026-10-25T00:30Z', '2026-10-25T01:30Z']) assert.equal(verdict(night, twice), 'pass');
    assert.equal(verdict(night, '2026-10-25T02:00Z'), 'outside-schedule');
    for (const never of ['2027-03-28T00:59Z', '2027-03-28T01:00Z'])
      assert.equal(verdict(night, never), 'outside-schedule');
  });

  test('beyond midnight belong to the day on which they begin', () => {
    const night = rules('UTC', 'fri 22:00-06:00', '2026-12-05, 2026-12-11');
    assert.equal(verdict(night, '2026-12-04T23:00Z'), 'pass');
    assert.equal(verdict(night, '2026-12-05T05:59Z'), 'pass', 'it goes on into the holiday');
    assert.equal(verdict(night, '2026-12-05T22:00Z'), 'outside-schedule');
    assert.equal(verdict(night, '2026-12-12T01:00Z'), 'holiday', 'it did not begin on the holiday');
  });

  test('know leap days', () => {
    const feast = rules('UTC', 'daily 00:00-24:00', '02-29');
    assert.equal(verdict(feast, '2028-02-28T23:59Z'), 'pass');
    assert.equal(verdict(feast, '2028-02-29T00:00Z'), 'holiday');
    assert.equal(verdict(feast, '2027-03-01T00:00Z'), 'pass');
  });
});

test('a pass ends with its last day in the door’s zone, or before its last minute', () => {
  const always = rules('Pacific/Auckland', 'daily 00:00-24:00');
  assert.equal(verdict(always, '2026-12-24T10:59Z', { validUntil: '2026-12-24' }), 'pass');
  assert.equal(verdict(always, '2026-12-24T11:00Z', { validUntil: '2026-12-24' }), 'expired');
  assert.equal(verdict(always, '2026-12-24T05:00Z', { validUntil: '2026-12-24T18:00' }), 'expired');
  assert.equal(verdict(always, '2026-12-23T10:59Z', { validFrom: '2026-12-24' }), 'not-yet-valid');
  assert.equal(verdict(always, '2026-12-23T11:00Z', { validFrom: '2026-12-24' }), 'pass');
});

describe('rules in YAML', () => {
  const readme = readFileSync(README, 'utf8');

  test('README’s example is read, and what is written is read as the same', () => {
    const example = /```yaml\n(?<yaml>version: 1[^]*?)```/.exec(readme)?.groups?.yaml;
    assert.ok(example !== undefined);
    const { text, people, rules: read } = readRules(example);
    assert.deepEqual(people, {
      '4711': { groups: ['staff'], validFrom: '2026-12-01', validUntil: '2027-03-31T18:00' },
    });
    const again = readRules(writeRules({ text, basedOn: '3', people }));
    assert.deepEqual({ ...again, basedOn: undefined }, { text, people, rules: read, basedOn: undefined });
    assert.equal(again.basedOn, '3');
    assert.match(text, /# beyond midnight/);
  });

  test('README tells the reasons in the order in which they are chosen', () => {
    const [, section = ''] = readme.split('first in this order');
    const places = STOP_REASONS.map((reason) => section.indexOf(`\`${reason}\``));
    assert.ok(places.every((place) => place >= 0));
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
  });

  test('what is no YAML and what is too clever are refused with a code', () => {
    const bomb = `a: &a [x, x, x, x, x, x, x, x, x, x]\n${'bcdefghij'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(10).fill(`*${'abcdefghi'[index]}`).join(', ')}]`)
      .join('\n')}\n`;
    for (const text of ['', '{', '\u0000', '- 1', 'version: 1\nversion: 1\n', '__proto__: 1', bomb])
      assert.throws(
        () => readRules(text),
        (error) => error instanceof AccessError && error.code.startsWith('access.rules-'),
        text.slice(0, 20),
      );
  });
});
