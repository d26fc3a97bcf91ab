import colors from 'picocolors';
import type { Claim, Proof } from './claim.ts';

/** The parts of the house that prove what README claims of them. */
const PARTS: Readonly<Record<string, () => Promise<{ prove: Proof }>>> = {
  door: () => import('./door.ts'),
  events: () => import('./events.ts'),
  fleet: () => import('./fleet.ts'),
  models: () => import('./models.ts'),
  provisioning: () => import('./provisioning.ts'),
  recognition: () => import('./recognition.ts'),
  sensors: () => import('./sensors.ts'),
  synthesis: () => import('./synthesis.ts'),
};

const VERDICTS: Readonly<Record<Claim['verdict'], (text: string) => string>> = {
  holds: colors.green,
  'falls short': colors.red,
  skipped: colors.yellow,
  told: colors.dim,
};

const names = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const unknown = names.filter((name) => !Object.hasOwn(PARTS, name));
if (names.length === 0 || unknown.length > 0) {
  console.error(`usage: npm run prove -- <part> [--quick], parts: ${Object.keys(PARTS).join(', ')}`);
  process.exitCode = 2;
} else {
  const claims: Claim[] = [];
  for (const name of names) {
    const { prove } = await PARTS[name]();
    claims.push(...(await prove({ quick: process.argv.includes('--quick'), onStage: tell })));
  }
  print(claims);
  if (claims.some(({ verdict }) => verdict === 'falls short')) process.exitCode = 1;
}

function tell(stage: string): void {
  console.error(colors.dim(`proving: ${stage}`));
}

function print(claims: readonly Claim[]): void {
  const wide = (of: (claim: Claim) => string): number => Math.max(...claims.map((claim) => of(claim).length));
  const [claimWidth, figureWidth, barWidth] = [wide((c) => c.claim), wide((c) => c.figure), wide((c) => c.bar)];
  for (const { claim, figure, bar, verdict } of claims)
    console.log(
      [claim.padEnd(claimWidth), figure.padEnd(figureWidth), bar.padEnd(barWidth), VERDICTS[verdict](verdict)].join(
        '  ',
      ),
    );
  const count = (wanted: Claim['verdict']): number => claims.filter(({ verdict }) => verdict === wanted).length;
  console.log(`\n${count('holds')} hold, ${count('falls short')} fall short, ${count('skipped')} skipped`);
}
