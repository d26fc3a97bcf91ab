import { html, useEffect, useRef, useState } from '/preact.js';
import { accept, begin } from '/board.js';
import { Conversation } from '/conversation.js';

const VERDICTS = {
  passed: { words: 'passed', sign: '✓' },
  noted: { words: 'passed, with a note', sign: '!' },
  failed: { words: 'needs work', sign: '×' },
  skipped: { words: 'left out', sign: '–' },
};
const MARKS = { good: '✓', note: '!', act: '×' };
const MARK_WORDS = { good: 'good', note: 'note', act: 'needs work' };
const ACCEPTANCE = 'acceptance';

/** From the box to the door, step by step. */
export function SetUp({ state }) {
  const { steps, running } = state;
  const next = steps.find(({ result }) => result === undefined)?.id ?? ACCEPTANCE;
  const [chosen, setChosen] = useState(undefined);
  const under = running && running.id !== 'enrol' ? running.id : undefined;
  const current = under ?? chosen ?? next;
  useEffect(() => {
    // What a step found stays in sight until one goes on.
    if (under !== undefined) setChosen(under);
  }, [under]);
  const byHand = useRef(false);
  useEffect(() => {
    // On a phone the list lies below what it leads to.
    if (byHand.current) document.getElementById('panel')?.focus();
    byHand.current = false;
  }, [chosen]);
  const choose = (id) => {
    byHand.current = true;
    setChosen(id);
  };
  const done = steps.filter(({ result }) => result !== undefined).length;
  return html`<main class="set-up">
    <section aria-labelledby="steps">
      <h1 id="steps">Set up this door</h1>
      <p class="progress">
        <progress aria-label="Steps done" max=${steps.length} value=${done}></progress>
        <span>${done} of ${steps.length} steps</span>
      </p>
      <ol class="steps">
        ${steps.map(
          (step, index) =>
            html`<${StepLine}
              step=${step}
              number=${index + 1}
              current=${current === step.id}
              running=${running?.id === step.id}
              onChoose=${() => choose(step.id)}
            />`,
        )}
        <li>
          <button
            class="step"
            aria-current=${current === ACCEPTANCE ? 'step' : undefined}
            onClick=${() => choose(ACCEPTANCE)}
          >
            <span class=${`sign ${state.acceptance ? 'passed' : ''}`} aria-hidden="true">
              ${state.acceptance ? '✓' : steps.length + 1}
            </span>
            <span>Acceptance report</span>
          </button>
        </li>
      </ol>
    </section>
    ${
      current === ACCEPTANCE
        ? html`<${Acceptance} state=${state} />`
        : html`<${StepPanel}
            key=${current}
            step=${steps.find(({ id }) => id === current)}
            running=${running}
            onBegin=${() => setChosen(current)}
            onNext=${() => setChosen(undefined)}
          />`
    }
  </main>`;
}

function StepLine({ step, number, current, running, onChoose }) {
  const verdict = step.result && VERDICTS[step.result.verdict];
  return html`<li>
    <button class="step" aria-current=${current ? 'step' : undefined} onClick=${onChoose}>
      <span class=${`sign ${running ? 'running' : (step.result?.verdict ?? '')}`} aria-hidden="true">
        ${running ? '…' : (verdict?.sign ?? number)}
      </span>
      <span>
        ${step.title}
        <small>${running ? 'under way' : (verdict?.words ?? 'not done yet')}</small>
      </span>
    </button>
  </li>`;
}

function StepPanel({ step, running, onBegin, onNext }) {
  const heading = useRef(null);
  const first = useRef(true);
  const [trouble, setTrouble] = useState('');
  const { id, title, purpose, result } = step;
  const here = running?.id === id;
  useEffect(() => {
    if (!first.current && !here) heading.current?.focus();
    first.current = false;
  }, [here]);
  const start = () => {
    setTrouble('');
    onBegin();
    begin(id).catch((error) => setTrouble(error.message));
  };
  return html`<section class="panel card" aria-labelledby="panel">
    <h2 id="panel" tabindex="-1" ref=${heading}>${title}</h2>
    <p class="purpose">${purpose}</p>
    ${
      here
        ? html`<${Conversation} running=${running} />`
        : html`
            ${result && html`<${Findings} result=${result} />`}
            <p class="trouble" role="alert">${trouble}</p>
            <div class="choices">
              ${result && html`<button class="main" onClick=${onNext}>Go on</button>`}
              <button class=${result ? '' : 'main'} onClick=${start} disabled=${running !== undefined}>
                ${result ? 'Do it again' : 'Begin'}
              </button>
            </div>
          `
    }
  </section>`;
}

function Findings({ result }) {
  const { verdict, findings, at, operator } = result;
  return html`<div class="findings">
    <p class=${`verdict ${verdict}`}>${VERDICTS[verdict].words}</p>
    <ul>
      ${findings.map(
        ({ mark, words }) =>
          html`<li class=${mark}>
            <span class="mark" role="img" aria-label=${MARK_WORDS[mark]}>${MARKS[mark]}</span> ${words}
          </li>`,
      )}
    </ul>
    <p class="fine">${operator}, ${at.slice(0, 16).replace('T', ' ')} UTC</p>
  </div>`;
}

function Acceptance({ state }) {
  const { steps, acceptance } = state;
  const [trouble, setTrouble] = useState('');
  const open = steps.filter(({ result }) => result === undefined || result.verdict === 'failed');
  const sign = () => {
    setTrouble('');
    accept().catch((error) => setTrouble(error.message));
  };
  return html`<section class="panel card" aria-labelledby="panel">
    <h2 id="panel" tabindex="-1">Acceptance report</h2>
    <p class="purpose">All that was found, signed by this board. Who has it can check it, and nobody can change it.</p>
    ${
      acceptance &&
      html`<div class="accepted" role="status">
        <p class="verdict passed">This door was accepted</p>
        <p>
          by ${acceptance.operator} on ${acceptance.at.slice(0, 16).replace('T', ' ')} UTC, report${' '}
          <code>${acceptance.id}</code>
        </p>
        <div class="choices">
          <a class="button main" href="/api/report.html" download>Report to read</a>
          <a class="button" href="/api/report.json" download>Report to check</a>
        </div>
      </div>`
    }
    ${
      open.length > 0
        ? html`<p>Still to be done, or done again:</p>
            <ul class="open">
              ${open.map(({ title, result }) => html`<li>${title}${result ? ': needs work' : ''}</li>`)}
            </ul>`
        : html`<ul class="summary">
            ${steps.map(
              ({ title, result }) =>
                html`<li>
                  <span class=${`sign ${result.verdict}`} aria-hidden="true">${VERDICTS[result.verdict].sign}</span>
                  ${title} <small>${VERDICTS[result.verdict].words}</small>
                </li>`,
            )}
          </ul>`
    }
    <p class="trouble" role="alert">${trouble}</p>
    <div class="choices">
      <button class=${acceptance ? '' : 'main'} onClick=${sign} disabled=${open.length > 0}>
        ${acceptance ? 'Sign a new report' : 'Sign the report'}
      </button>
    </div>
  </section>`;
}
