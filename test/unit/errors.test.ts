import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WhorlError } from '../../device/errors.ts';
import { ImagingError } from '../../device/imaging/errors.ts';

test('a room’s error keeps its name, code, message and cause', () => {
  const cause = new Error('below');
  const error = new ImagingError('imaging.undecodable', 'This file is not a picture', { cause });
  assert.ok(error instanceof WhorlError);
  assert.equal(error.name, 'ImagingError');
  assert.equal(error.code, 'imaging.undecodable');
  assert.equal(error.cause, cause);
});
