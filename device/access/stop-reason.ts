/**
 * Why somebody who was recognised may not pass. Of several reasons the first in this order is told: the broken before
 * the whole, the door before the person, what a person can never change before what passes with time.
 */
export const STOP_REASONS = [
  'rules-unreadable',
  'lockdown',
  'blocked',
  'no-group',
  'clock-untrusted',
  'not-yet-valid',
  'expired',
  'holiday',
  'outside-schedule',
  'first-person-missing',
  'anti-passback',
  'anti-passback-timed',
  'second-person-needed',
  'approver-needed',
] as const;

export type StopReason = (typeof STOP_REASONS)[number];

/** What each means, for people. */
export const STOP_WORDS: Readonly<Record<StopReason, string>> = {
  'rules-unreadable': 'the rules of this door cannot be read',
  lockdown: 'the door is locked down',
  blocked: 'blocked',
  'no-group': 'in no group that may pass here',
  'clock-untrusted': 'the time of day is not certain',
  'not-yet-valid': 'not valid yet',
  expired: 'not valid any more',
  holiday: 'not on a holiday',
  'outside-schedule': 'not at this time',
  'first-person-missing': 'somebody else must come first',
  'anti-passback': 'passed this way already',
  'anti-passback-timed': 'passed a short while ago',
  'second-person-needed': 'a second person must touch now',
  'approver-needed': 'one of the two must be an approver',
};
