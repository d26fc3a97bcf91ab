/** What the page knows of the board, and how it gives orders. */

/** @type {string | undefined} known to this session's page only */
let token;

/**
 * Asks the board.
 *
 * @returns what it answers
 * @throws Error with the board's own words, and `status`
 */
async function ask(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { 'x-whorl-token': token }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch {
    throw Object.assign(new Error('The board does not answer. Is it running, and are you on its network?'), {
      status: 0,
    });
  }
  const answer = response.status === 204 ? {} : await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.message), { status: response.status });
  return answer;
}

/** @returns who is signed in; undefined where nobody is */
export async function whoAmI() {
  try {
    const { token: known, operator } = await ask('GET', '/api/session');
    token = known;
    return operator;
  } catch (error) {
    if (error.status === 401) return undefined;
    throw error;
  }
}

export async function signIn(operator, code) {
  ({ token } = await ask('POST', '/api/session', { operator, code }));
}

export async function signOut() {
  await ask('DELETE', '/api/session');
  token = undefined;
}

export const begin = (id) => ask('POST', `/api/steps/${id}`);
export const stop = () => ask('DELETE', '/api/steps');
export const accept = () => ask('POST', '/api/acceptance');
export const answer = (question, choice, values) => ask('POST', '/api/answer', { question, choice, values });

/** @returns ends it */
export function follow(onState, onOver, onConnected) {
  const source = new EventSource('/api/state');
  source.onopen = () => onConnected(true);
  source.onmessage = ({ data }) => onState(JSON.parse(data));
  source.addEventListener('over', onOver);
  source.onerror = () => {
    onConnected(false);
    // A browser tries again by itself, unless the session is over.
    if (source.readyState === EventSource.CLOSED) onOver();
  };
  return () => source.close();
}
