import { html, useEffect, useRef, useState } from '/preact.js';
import { answer, stop } from '/board.js';

/** Something under way: what was said, what is seen now, and what is asked. */
export function Conversation({ running, large = false }) {
  const { lines, view, question } = running;
  return html`<div class="conversation">
    ${view && html`<${View} view=${view} large=${large} />`}
    ${
      question
        ? html`<${Question} key=${question.number} question=${question} />`
        : html`<p class="working" role="status"><span class="pulse" aria-hidden="true"></span> Working…</p>`
    }
    ${
      lines.length > 0 &&
      html`<section>
        <div class="log" role="log" aria-live="polite" aria-label="What happened" tabindex="0">
          <ol>
            ${lines.map((line) => html`<li>${line}</li>`)}
          </ol>
        </div>
      </section>`
    }
    <p class="calloff"><button class="quiet" onClick=${() => stop().catch(() => undefined)}>Call it off</button></p>
  </div>`;
}

function View({ view, large }) {
  const { words, tone, picture, quality, touches } = view;
  return html`<figure class=${`view ${tone} ${large ? 'large' : ''}`}>
    ${picture !== undefined && html`<img class="print" src=${`/api/picture/${picture}`} alt="The last touch" />`}
    <figcaption>
      <p class="guidance" role="status" aria-live="assertive">${words}</p>
      ${
        quality !== undefined &&
        html`<label class="meter">
          <span>Quality</span>
          <meter min="0" max="100" low="30" high="50" optimum="100" value=${quality}></meter>
          <output>${quality}</output>
        </label>`
      }
      ${touches && html`<${Touches} ...${touches} />`}
    </figcaption>
  </figure>`;
}

/** How many touches are there, and how many are still needed. */
function Touches({ done, of }) {
  return html`<p class="touches" role="img" aria-label=${`${done} of ${of} touches`}>
    ${Array.from({ length: of }, (_, index) => html`<span class=${index < done ? 'done' : ''}></span>`)}
    <b aria-hidden="true">${done} of ${of}</b>
  </p>`;
}

function Question({ question }) {
  const { number, text, fields = [], choices } = question;
  const heading = useRef(null);
  const [trouble, setTrouble] = useState('');
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    // Whoever uses a keyboard or hears the page is led to what is asked.
    heading.current?.focus({ preventScroll: false });
  }, []);
  const submit = async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.currentTarget));
    setBusy(true);
    try {
      await answer(number, event.submitter?.value ?? choices[0].id, values);
    } catch (error) {
      setTrouble(error.message);
      setBusy(false);
    }
  };
  return html`<form class="question" onSubmit=${submit}>
    <h3 tabindex="-1" ref=${heading}>${text}</h3>
    ${fields.map((field) => html`<${Field} field=${field} />`)}
    <p class="trouble" role="alert">${trouble}</p>
    <div class="choices">
      ${choices.map(
        ({ id, label }, index) =>
          html`<button
            value=${id}
            class=${index === 0 && choices.length > 1 ? 'main' : ''}
            formnovalidate=${index > 0}
            disabled=${busy}
          >
            ${label}
          </button>`,
      )}
    </div>
  </form>`;
}

function Field({ field }) {
  const { name, label, kind, value = '' } = field;
  if (kind === 'choice')
    return html`<label>
      ${label}
      <select name=${name}>
        ${field.options.map(
          (option) => html`<option value=${option.value} selected=${option.value === value}>${option.label}</option>`,
        )}
      </select>
    </label>`;
  if (kind === 'lines')
    return html`<label>
      ${label}
      <textarea name=${name} rows="14" spellcheck=${false} defaultValue=${value}></textarea>
    </label>`;
  return html`<label>
    ${label}
    <input name=${name} required=${field.required} maxlength="200" autocomplete="off" defaultValue=${value} />
  </label>`;
}
