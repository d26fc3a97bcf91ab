import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { diagram } from './door-exploration.ts';
import { doorTable } from './door-table.ts';

export const README = resolve(import.meta.dirname, '../../README.md');

/** What stands between README's markers of the same name, made of the product itself. */
const PARTS: Readonly<Record<string, () => string>> = {
  'door diagram': () => `\`\`\`mermaid\n${diagram()}\n\`\`\``,
  'door table': doorTable,
};

/** README as it must be now. Throws where a marker is missing. */
export async function readmeNow(): Promise<string> {
  let text = readFileSync(README, 'utf8');
  for (const [name, make] of Object.entries(PARTS)) {
    const [begin, end] = [`<!-- ${name}: npm run build:readme -->`, `<!-- end of ${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`README has no place for the ${name}`);
    text = `${text.slice(0, from + begin.length)}\n\n${make()}\n\n${text.slice(to)}`;
  }
  return await format(text, { ...(await resolveConfig(README)), parser: 'markdown' });
}
