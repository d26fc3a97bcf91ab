import { html, useState } from '/preact.js';
import { signIn } from '/board.js';

/** Lets in whoever stands before the board: its screen, or its log, shows a code that can be used once. */
export function SignIn({ onSignedIn }) {
  const [trouble, setTrouble] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    try {
      await signIn(form.get('operator'), form.get('code'));
      onSignedIn();
    } catch (error) {
      setTrouble(error.message);
      setBusy(false);
    }
  };
  return html`<main class="doorstep">
    <form class="card" onSubmit=${submit}>
      <img src="/icon.svg" alt="" width="56" height="56" />
      <h1>Welcome to this door</h1>
      <p>The board shows a code on its screen and in its log. It can be used once, within ten minutes.</p>
      <label>
        Your name
        <input name="operator" required maxlength="100" autocomplete="name" autofocus />
      </label>
      <label>
        Code
        <input
          name="code"
          class="code"
          required
          maxlength="20"
          autocomplete="one-time-code"
          autocapitalize="characters"
          spellcheck=${false}
          placeholder="XXXX-XXXX"
          aria-describedby="trouble"
        />
      </label>
      <p id="trouble" class="trouble" role="alert">${trouble}</p>
      <button class="main" disabled=${busy}>Sign in</button>
    </form>
  </main>`;
}
