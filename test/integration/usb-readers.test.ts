import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { skipWithout, realData } from '../support/data.ts';
import { scratch } from '../support/scratch.ts';
import { expectedPicture, skipWithoutUmockdev, underUmockdev, USB_RECORDINGS } from '../support/usb-captures.ts';

for (const recording of USB_RECORDINGS)
  test(
    `${recording.folder}: real usb and libusb read every pixel of the recorded touch`,
    {
      skip: skipWithout(recording.folder) || skipWithoutUmockdev(),
    },
    async (t) => {
      const file = join(scratch(t), 'picture.raw');
      const child = join(import.meta.dirname, '../support/usb-touch-child.ts');
      const output = await underUmockdev(recording, [process.execPath, '--import', 'tsx', child, recording.kind, file]);
      const { kind, description } = JSON.parse(output) as { kind: string; description: Record<string, unknown> };
      assert.equal(kind, 'image');
      assert.match(String(description.link), new RegExp(`^${recording.kind}:1-\\d+$`));
      const expected = await expectedPicture(realData(recording.folder) ?? '');
      const picture = readFileSync(file);
      assert.equal(picture.length, expected.length);
      const wrong = picture.filter((gray, at) => gray !== expected[at]).length;
      assert.equal(wrong, 0, `${wrong} of ${expected.length} pixels differ`);
    },
  );
