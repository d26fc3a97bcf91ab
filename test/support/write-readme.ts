import { writeFileSync } from 'node:fs';
import { README, readmeNow } from './readme.ts';

writeFileSync(README, await readmeNow());
