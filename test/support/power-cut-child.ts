/** Plays a scene on a state directory, recorded; says each promise, a line of JSON. */
import { writeSync } from 'node:fs';
import { CARELESS_SCENES } from './careless-scenes.ts';
import { POWER_CUT_SCENES, type Promised } from './power-cut-scenes.ts';

const [, , name, directory] = process.argv;
const scene = [...POWER_CUT_SCENES, ...CARELESS_SCENES].find((other) => other.name === name);
if (scene === undefined) throw new Error(`there is no scene ${name}`);
await scene.run(directory, (state, settled = true) => {
  // Synchronous, so that it is said before anything else happens.
  writeSync(1, `${JSON.stringify({ state, settled } satisfies Promised)}\n`);
});
