// Compiles every `*.as.ts` (AssemblyScript) below device/ and models/ into the `.wasm` beside it, reproducibly.
// With `--check` nothing is written: it fails where a committed `.wasm` is not what its source compiles to.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const check = process.argv.includes('--check');
const sources = ['device', 'models'].flatMap((folder) =>
  readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.as.ts'))
    .map((name) => join(folder, name)),
);

let stale = 0;
for (const source of sources) {
  const target = source.replace(/\.as\.ts$/, '.wasm');
  let wasm;
  const { error, stderr } = await asc.main(
    [source, '--outFile', target, '-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--use', 'abort='],
    { writeFile: (_name, contents) => void (wasm = contents) },
  );
  if (error) {
    console.error(stderr.toString());
    process.exit(1);
  }
  const current = (() => {
    try {
      return readFileSync(target);
    } catch {
      return undefined;
    }
  })();
  if (current && Buffer.compare(current, Buffer.from(wasm)) === 0) {
    console.log(`${target}: up to date, ${wasm.length} bytes`);
  } else if (check) {
    console.error(`${target}: does not match its source; run npm run build:kernels`);
    stale++;
  } else {
    writeFileSync(target, wasm);
    console.log(`${target}: written, ${wasm.length} bytes`);
  }
}
process.exit(stale > 0 ? 1 : 0);
