import { html, useEffect, useRef, useState } from '/preact.js';
import { begin } from '/board.js';
import { Conversation } from '/conversation.js';

/** Where staff are enrolled: large, since the person at the sensor reads it too. */
export function Enrol({ state }) {
  const { running, enrolled } = state;
  const [trouble, setTrouble] = useState('');
  const heading = useRef(null);
  const was = useRef(false);
  const here = running?.id === 'enrol';
  useEffect(() => {
    if (was.current && !here) heading.current?.focus();
    was.current = here;
  }, [here]);
  const start = () => {
    setTrouble('');
    begin('enrol').catch((error) => setTrouble(error.message));
  };
  return html`<main class="enrol">
    <section class="card" aria-labelledby="enrol">
      <h1 id="enrol" tabindex="-1" ref=${heading}>Enrol people</h1>
      ${
        here
          ? html`<${Conversation} running=${running} large />`
          : html`
              <p>
                One finger needs four good touches, each a little differently. Every touch is judged at once. No picture
                is kept, and a person who does not agree is not enrolled.
              </p>
              <p class="outcome" role="status">${enrolled ?? ''}</p>
              <p class="trouble" role="alert">${trouble}</p>
              <div class="choices">
                <button class="main" onClick=${start} disabled=${running !== undefined}>Enrol a person</button>
              </div>
            `
      }
    </section>
  </main>`;
}
