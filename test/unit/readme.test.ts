import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { README, readmeNow } from '../support/readme.ts';

test('README’s diagram and table of the door are those of the product: npm run build:readme', async () => {
  assert.equal(readFileSync(README, 'utf8'), await readmeNow());
});
