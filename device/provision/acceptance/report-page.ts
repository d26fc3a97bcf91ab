import type { Mark, StepVerdict } from '../step.ts';
import { keyIdOf, type AcceptanceReport } from './report.ts';

const VERDICTS: Readonly<Record<StepVerdict, string>> = {
  passed: 'passed',
  noted: 'passed, with a note',
  failed: 'needs work',
  skipped: 'left out',
};
const MARKS: Readonly<Record<Mark, string>> = { good: '✓', note: '!', act: '×' };

const STYLE = `
  body { margin: 0 auto; max-width: 46rem; padding: 2.5rem 1.25rem; color: #16211f; background: #fff;
    font: 16px/1.55 system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif; }
  h1 { margin: 0 0 .3rem; font-size: 1.7rem; }
  h2 { margin: 0; font-size: 1.1rem; }
  .about { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; margin: 1.5rem 0 2rem; }
  dt { color: #55635f; } dd { margin: 0; overflow-wrap: anywhere; }
  section { padding: 1rem 0; border-top: 1px solid #dbe2e0; break-inside: avoid; }
  .line { display: flex; justify-content: space-between; gap: 1rem; }
  .passed { color: #14703c; } .noted, .skipped { color: #7d5200; } .failed { color: #a92a24; }
  ul { margin: .5rem 0 0; padding: 0; list-style: none; }
  li { padding-left: 1.5rem; text-indent: -1.5rem; overflow-wrap: anywhere; }
  li b { display: inline-block; width: 1.5rem; text-indent: 0; }
  small, footer { color: #55635f; font-size: .86rem; }
  footer { margin-top: 1.5rem; border-top: 1px solid #dbe2e0; padding-top: 1rem; overflow-wrap: anywhere; }
`;

/** The report for people: one file that needs nothing else. What can be checked is the JSON. */
export function drawReport(report: AcceptanceReport): string {
  const { device, at, operator, software, host, id, steps, publicKey, signature } = report;
  const about: readonly (readonly [string, string])[] = [
    ['Door', device],
    ['Board', host],
    ['Accepted', `${inWords(at)}, by ${operator}`],
    ['Whorl', software],
    ['Report', id],
    ['Key', keyIdOf(publicKey)],
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Acceptance report of ${escaped(device)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Acceptance report</h1>
<p>What was found when this door was handed over.</p>
<dl class="about">
${about.map(([name, value]) => `<dt>${name}</dt><dd>${escaped(value)}</dd>`).join('\n')}
</dl>
${steps.map(drawStep).join('\n')}
<footer>
<p>Signed by the board. To check the report that came with this page: <code>whorl provision verify report.json</code></p>
<p>Signature ${escaped(signature)}</p>
</footer>
</body>
</html>
`;
}

function drawStep({ title, verdict, findings, at, operator }: AcceptanceReport['steps'][number]): string {
  const found = findings.map(({ mark, words }) => `<li><b>${MARKS[mark]}</b>${escaped(words)}</li>`).join('\n');
  return `<section>
<div class="line"><h2>${escaped(title)}</h2><span class="${verdict}">${VERDICTS[verdict]}</span></div>
<ul>
${found}
</ul>
<small>${escaped(operator)}, ${inWords(at)}</small>
</section>`;
}

function inWords(at: string): string {
  return `${escaped(at.slice(0, 16).replace('T', ' '))} UTC`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
