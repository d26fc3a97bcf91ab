import { existsSync, appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cleanup } from './cleanup.ts';
import { scratch } from './scratch.ts';

/** libgpiod's two major versions take different words. */
export type GpiodMajor = 1 | 2;

/**
 * A GPIO chip of files, and libgpiod's tools for it: as strict about their words as the real ones, holding a line for as
 * long as they run, refusing one that another holds. They do not share code with those that drive them.
 */
export class FakeGpio {
  /** Holds the tools: to be put before whatever else is in PATH. */
  readonly path: string;
  readonly #chip: string;
  readonly #major: GpiodMajor;

  constructor(cleanup: Cleanup, major: GpiodMajor) {
    const directory = scratch(cleanup);
    this.path = join(directory, 'bin');
    this.#chip = join(directory, 'chip');
    this.#major = major;
    for (const made of [this.path, this.#chip]) mkdirSync(made);
    writeFileSync(join(this.#chip, 'edges'), '');
    const version = major === 1 ? 'v1.6.3' : 'v2.1.3';
    for (const [name, script] of Object.entries(scripts(this.#chip, major))) {
      const file = join(this.path, name);
      writeFileSync(
        file,
        `#!/bin/sh\nif [ "$1" = --version ]; then echo "${name} (libgpiod) ${version}"; exit 0; fi\n${script}`,
      );
      chmodSync(file, 0o755);
    }
  }

  /** What an output is held at; undefined while nobody holds it, and its pull-down rules. */
  level(line: number): 0 | 1 | undefined {
    try {
      return readFileSync(join(this.#chip, `out-${line}`), 'utf8').trim() === '1' ? 1 : 0;
    } catch {
      return undefined;
    }
  }

  /** What the world puts on an input: true lets it float to its pull-up. */
  press(line: number, level: boolean): void {
    writeFileSync(join(this.#chip, `in-${line}`), level ? '1' : '0');
    const falling = this.#major === 1 ? 0 : 2;
    appendFileSync(join(this.#chip, 'edges'), `${line} ${level ? 1 : falling}\n`);
  }

  /** Another program takes a line. */
  take(line: number): void {
    if (existsSync(join(this.#chip, `out-${line}`))) throw new Error(`line ${line} is held`);
    writeFileSync(join(this.#chip, `out-${line}`), '0');
  }
}

function scripts(chip: string, major: GpiodMajor): Readonly<Record<string, string>> {
  const [set, get, watch] =
    major === 1
      ? [
          '[ "$1" = --mode=signal ] && [ "$2" = chip ] && setting=$3',
          '[ "$1" = --bias=pull-up ] && [ "$2" = chip ] && shift 2',
          '[ "$1" = --line-buffered ] && [ "$2" = --bias=pull-up ] && [ "$3" = "--format=%o %e" ] && [ "$4" = chip ]',
        ]
      : [
          '[ "$1" = --chip ] && [ "$2" = chip ] && setting=$3',
          '[ "$1" = --numeric ] && [ "$2" = --bias=pull-up ] && [ "$3" = --chip ] && [ "$4" = chip ] && shift 4',
          '[ "$1" = --bias=pull-up ] && [ "$2" = "--format=%o %e" ] && [ "$3" = --edges=both ] && [ "$4" = --chip ]',
        ];
  const strict = (words: string, name: string): string =>
    `${words} || { echo "${name}: cannot make sense of: $*" >&2; exit 1; }\n`;
  return {
    gpioset: `${strict(set, 'gpioset')}
out=${chip}/out-\${setting%=*}
set -C
(echo "\${setting#*=}" > "$out") 2>/dev/null || { echo "gpioset: error setting the GPIO line values: Device or resource busy" >&2; exit 1; }
trap 'rm -f "$out"; kill $sleep; exit 0' TERM INT
sleep 1000 & sleep=$!
wait
`,
    gpioget: `${strict(get, 'gpioget')}
levels=
for line in "$@"; do levels="$levels $(cat ${chip}/in-$line 2>/dev/null || echo 1)"; done
echo $levels
`,
    gpiomon: `${strict(watch, 'gpiomon')}exec tail -n 0 -f ${chip}/edges\n`,
  };
}
