import { html, render, useEffect, useState } from '/preact.js';
import { follow, signOut, whoAmI } from '/board.js';
import { Enrol } from '/enrol.js';
import { SetUp } from '/set-up.js';
import { SignIn } from '/sign-in.js';

const VIEWS = { '#set-up': 'Set up', '#enrol': 'Enrol people' };

function App() {
  const [operator, setOperator] = useState(undefined);
  const [trouble, setTrouble] = useState('');
  const look = () =>
    whoAmI().then(
      (name) => {
        setTrouble('');
        setOperator(name ?? null);
      },
      (error) => setTrouble(error.message),
    );
  useEffect(() => void look(), []);
  if (trouble !== '')
    return html`<main class="doorstep">
      <div class="card" role="alert">
        <h1>Not connected</h1>
        <p>${trouble}</p>
        <button class="main" onClick=${look}>Try again</button>
      </div>
    </main>`;
  if (operator === undefined) return html`<p class="wait" role="status">One moment…</p>`;
  if (operator === null) return html`<${SignIn} onSignedIn=${look} />`;
  return html`<${Board} operator=${operator} onOver=${look} />`;
}

function Board({ operator, onOver }) {
  const [state, setState] = useState(undefined);
  const [connected, setConnected] = useState(true);
  const [view, setView] = useState(viewNow());
  useEffect(() => follow(setState, onOver, setConnected), []);
  useEffect(() => {
    const turn = () => setView(viewNow());
    addEventListener('hashchange', turn);
    return () => removeEventListener('hashchange', turn);
  }, []);
  useEffect(() => {
    document.title = `${VIEWS[view]} · ${state?.device ?? 'Whorl'}`;
  }, [view, state?.device]);
  if (state === undefined) return html`<p class="wait" role="status">One moment…</p>`;
  const leave = () => signOut().then(onOver, onOver);
  return html`
    <header>
      <img src="/icon.svg" alt="" width="36" height="36" />
      <p class="device"><span>Whorl</span> <b>${state.device}</b></p>
      <nav aria-label="Views">
        ${Object.entries(VIEWS).map(
          ([hash, title]) => html`<a href=${hash} aria-current=${view === hash ? 'page' : undefined}>${title}</a>`,
        )}
      </nav>
      <p class="who"><span>${operator}</span> <button class="quiet" onClick=${leave}>Sign out</button></p>
    </header>
    ${
      !connected &&
      html`<p class="banner" role="alert">The board does not answer; this page goes on by itself when it does.</p>`
    }
    ${view === '#enrol' ? html`<${Enrol} state=${state} />` : html`<${SetUp} state=${state} />`}
  `;
}

function viewNow() {
  return Object.hasOwn(VIEWS, location.hash) ? location.hash : '#set-up';
}

const root = document.getElementById('app');
root.replaceChildren();
render(html`<${App} />`, root);
