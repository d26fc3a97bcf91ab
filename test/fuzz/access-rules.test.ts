import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STOP_REASONS } from '../../device/access/stop-reason.ts';
import { compareStories } from '../support/access-stories.ts';

const STORIES = 100_000;

test(`a second opinion by brute force agrees on ${STORIES} random rule sets`, (context) => {
  const { touches, outcomes, corners } = compareStories(1, STORIES);
  context.diagnostic(`${touches} touches: ${JSON.stringify(Object.fromEntries(outcomes))}`);
  context.diagnostic(JSON.stringify(corners));
  // What the stories never come to, they do not show.
  for (const reason of STOP_REASONS)
    if (reason !== 'rules-unreadable') assert.ok((outcomes.get(reason) ?? 0) > 100, `${reason} hardly ever came`);
  for (const [corner, count] of Object.entries(corners)) assert.ok(count >= (corner === 'zones' ? 12 : 1_000), corner);
});
