/** Rotates the master key of a gallery without end, until it is killed; says `rotated` after each. */
import { writeSync } from 'node:fs';
import { rotateMasterKey } from '../../device/gallery/rotate-key.ts';

writeSync(1, 'ready\n');
for (;;) {
  rotateMasterKey(process.argv[2], { keeper: 'file' });
  writeSync(1, 'rotated\n');
}
