import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { Step } from '../../device/provision/step.ts';
import { cookieOf, type PageAnswer, PageRig } from '../support/page-rig.ts';

/** Asks one thing, beside a picture. */
const asking: Step = {
  id: 'asking',
  title: 'Asking',
  purpose: 'Asks.',
  async run(_, dialogue, signal) {
    const pixels = new Uint8Array(64 * 64).fill(200);
    dialogue.show({ words: 'Touch', tone: 'ask', picture: { width: 64, height: 64, dpi: 500, pixels }, quality: 70 });
    const fields = [{ kind: 'text', name: 'word', label: 'Word', required: true }] as const;
    const choices = [{ id: 'yes', label: 'Yes' }];
    const { values } = await dialogue.ask({ text: 'Is it?', fields, choices }, signal);
    dialogue.show(undefined);
    return { findings: [{ mark: 'good', words: `it said ${values.word}` }] };
  },
};
const MINUTE = 60_000;

const open = (context: TestContext): Promise<PageRig> => PageRig.open(context, [asking]);
const codeOf = ({ body }: PageAnswer): string => (JSON.parse(body.toString()) as { code: string }).code;

/** Every route that is not for everybody. */
const GUARDED = [
  ['GET', '/api/state'],
  ['GET', '/api/picture/1'],
  ['GET', '/api/report.json'],
  ['GET', '/api/report.html'],
  ['POST', '/api/steps/asking'],
  ['DELETE', '/api/steps'],
  ['POST', '/api/answer'],
  ['POST', '/api/acceptance'],
  ['DELETE', '/api/session'],
] as const;

describe('the technician’s page', () => {
  test('nothing but the sign-in is there for who has no session', async (context) => {
    const rig = await open(context);
    for (const cookie of ['', '__Host-whorl=', '__Host-whorl=guessed', 'whorl=x'])
      for (const [method, path] of GUARDED) {
        const headers = { ...(cookie !== '' && { cookie }), 'x-whorl-token': 'guessed' };
        const answer = await rig.ask(path, { method, headers, ...(method === 'POST' && { body: {} }) });
        assert.equal(answer.status, 401, `${method} ${path} with "${cookie}"`);
        assert.equal(codeOf(answer), 'console.no-session');
      }
    assert.equal(rig.desk.state.running, undefined);
  });

  test('every answer forbids to keep it, to frame it and to load anything from elsewhere', async (context) => {
    const rig = await open(context);
    for (const path of ['/', '/app.js', '/style.css', '/preact.js', '/api/session', '/nothing']) {
      const { headers } = await rig.ask(path);
      assert.equal(headers['cache-control'], 'no-store', path);
      assert.equal(headers['x-frame-options'], 'DENY', path);
      assert.equal(headers['x-content-type-options'], 'nosniff', path);
      const policy = headers['content-security-policy'];
      assert.ok(typeof policy === 'string' && policy.startsWith("default-src 'none'"), path);
      assert.doesNotMatch(policy, /unsafe|https?:|data:|\*/, path);
    }
  });

  test('the page loads nothing from elsewhere and has nothing inline', () => {
    const directory = join(import.meta.dirname, '../../device/console/page');
    const html = readFileSync(join(directory, 'index.html'), 'utf8');
    assert.doesNotMatch(html, /https?:|\bon[a-z]+=|style=|<style|<script(?![^>]*\bsrc=)/i);
    for (const file of ['app', 'board', 'conversation', 'enrol', 'set-up', 'sign-in'])
      assert.doesNotMatch(readFileSync(join(directory, `${file}.js`), 'utf8'), /https?:|innerHTML|style=|eval\(/, file);
  });
});

describe('the one-time code', () => {
  test('lets one browser in, however it is typed, and nobody after', async (context) => {
    const rig = await open(context);
    const code = await rig.code();
    assert.match(code, /^[A-HJKMNP-TV-Z2-9]{4}-[A-HJKMNP-TV-Z2-9]{4}$/);
    const answer = await rig.signIn(` ${code.toLowerCase().replace('-', ' ')}`);
    assert.equal(answer.status, 200);
    const [cookie] = answer.headers['set-cookie'] ?? [];
    for (const part of ['__Host-whorl=', 'HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/'])
      assert.ok(cookie.includes(part));
    assert.doesNotMatch(cookie, /Domain/i);
    assert.equal((await rig.signIn(code)).status, 403);
    assert.notEqual(await rig.code(), code);
  });

  test('is worth nothing after ten minutes', async (context) => {
    const rig = await open(context);
    const code = await rig.code();
    await rig.clock.advance(10 * MINUTE);
    assert.equal((await rig.signIn(code)).status, 403);
  });

  test('is voided by five wrong ones; then nobody is heard, for longer each time', async (context) => {
    const rig = await open(context);
    const voided: string[] = [];
    for (const pause of [1, 2, 4, 8, 16, 32, 60, 60]) {
      const code = await rig.code();
      const verdicts: number[] = [];
      for (let guess = 0; guess < 5; guess++) verdicts.push((await rig.signIn(`AAAA-AAA${guess}`)).status);
      assert.deepEqual(verdicts, [403, 403, 403, 403, 429]);
      const late = await rig.signIn(code);
      assert.equal(late.status, 429, 'the right code is not heard either');
      assert.equal(Number(late.headers['retry-after']), pause * 60);
      const shown = rig.codes.length;
      await rig.code();
      assert.equal(rig.codes.length, shown, 'no new code is shown meanwhile');
      await rig.clock.advance(pause * MINUTE);
      voided.push(code);
    }
    for (const code of voided.slice(0, 4)) assert.equal((await rig.signIn(code)).status, 403, 'and is void for ever');
  });

  test('forty browsers that guess at once are heard five times', async (context) => {
    const rig = await open(context);
    const code = await rig.code();
    const answers = await Promise.all(Array.from({ length: 40 }, (_, guess) => rig.signIn(`BBBB-${1_000 + guess}`)));
    assert.equal(answers.filter(({ status }) => status === 403).length, 4);
    assert.equal(answers.filter(({ status }) => status === 429).length, 36);
    assert.equal((await rig.signIn(code)).status, 429);
  });

  test('visitors cannot fill the screen with codes', async (context) => {
    const rig = await open(context);
    for (let visit = 0; visit < 50; visit++) await rig.ask('/api/session');
    assert.equal(rig.codes.length, 1);
  });
});

describe('a session', () => {
  test('gives no order without its own token, or from another page', async (context) => {
    const rig = await open(context);
    const { cookie, ...token } = await rig.session();
    const others: Readonly<Record<string, string>>[] = [
      {},
      { 'x-whorl-token': 'guessed' },
      { ...token, origin: 'https://evil.example' },
      { ...token, origin: 'null' },
      { ...token, origin: `http://127.0.0.1:${rig.port}` },
      { ...token, 'sec-fetch-site': 'cross-site' },
      { ...token, 'sec-fetch-site': 'same-site' },
    ];
    for (const headers of others)
      for (const [method, path] of GUARDED.filter(([verb]) => verb !== 'GET')) {
        const answer = await rig.ask(path, {
          method,
          headers: { cookie, ...headers },
          ...(method === 'POST' && { body: {} }),
        });
        assert.equal(answer.status, 403, `${method} ${path} ${JSON.stringify(headers)}`);
        assert.equal(codeOf(answer), 'console.foreign-page');
      }
    assert.equal(rig.desk.state.running, undefined);
    // What a form of another page could send is no order either.
    const form = await rig.ask('/api/steps/asking', {
      method: 'POST',
      headers: { cookie, ...token, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'a=b',
    });
    assert.equal(form.status, 415);
    const own = { cookie, ...token, origin: `https://127.0.0.1:${rig.port}`, 'sec-fetch-site': 'same-origin' };
    assert.equal((await rig.ask('/api/steps/asking', { method: 'POST', headers: own })).status, 204);
  });

  test('another page can sign nobody in', async (context) => {
    const rig = await open(context);
    const answer = await rig.signIn(await rig.code(), { origin: 'https://evil.example' });
    assert.equal(answer.status, 403);
    assert.equal(answer.headers['set-cookie'], undefined);
  });

  test('is never one that the browser brought along', async (context) => {
    const rig = await open(context);
    const fixed = '__Host-whorl=chosen-by-somebody-else';
    const answer = await rig.signIn(await rig.code(), { cookie: fixed });
    assert.equal(answer.status, 200);
    assert.notEqual(cookieOf(answer), fixed);
    assert.equal((await rig.ask('/api/report.json', { headers: { cookie: fixed } })).status, 401);
    // And signing in anew ends the session before.
    const again = await rig.signIn(await rig.code(), { cookie: cookieOf(answer) });
    assert.equal((await rig.ask('/api/report.json', { headers: { cookie: cookieOf(answer) } })).status, 401);
    assert.equal((await rig.ask('/api/report.json', { headers: { cookie: cookieOf(again) } })).status, 404);
  });

  test('ends when it is left alone, after four hours, by signing out, and for a fourth browser', async (context) => {
    const rig = await open(context);
    const status = async (headers: Readonly<Record<string, string>>): Promise<number> =>
      (await rig.ask('/api/report.json', { headers })).status;
    const idle = await rig.session();
    await rig.clock.advance(15 * MINUTE);
    assert.equal(await status(idle), 401);

    const busy = await rig.session();
    for (let quarter = 0; quarter < 17; quarter++) {
      await rig.clock.advance(14 * MINUTE);
      assert.equal((await rig.ask('/api/steps', { method: 'DELETE', headers: busy })).status, 204);
    }
    await rig.clock.advance(3 * MINUTE);
    assert.equal(await status(busy), 401);

    const leaving = await rig.session();
    assert.equal((await rig.ask('/api/session', { method: 'DELETE', headers: leaving })).status, 204);
    assert.equal(await status(leaving), 401);

    const [first, ...others] = [await rig.session(), await rig.session(), await rig.session(), await rig.session()];
    assert.equal(await status(first), 401);
    for (const other of others) assert.equal(await status(other), 404);
  });

  test('a page that only listens keeps no session alive, and is told when it is over', async (context) => {
    const rig = await open(context);
    const session = await rig.session();
    const stream = rig.ask('/api/state', { headers: session });
    while (rig.clock.sleepers === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    for (let minute = 0; minute < 16; minute++) await rig.clock.advance(MINUTE);
    const { body } = await stream;
    assert.match(body.toString(), /^data: \{"device":"door-1"/);
    assert.match(body.toString(), /event: over\n/);
  });
});

describe('what is sent to the page', () => {
  test('no path leads to another file', async (context) => {
    const rig = await open(context);
    const session = await rig.session();
    for (const path of [
      '/../package.json',
      '/../../../../etc/passwd',
      '/%2e%2e/%2e%2e/package.json',
      '/..%2fpackage.json',
      '/..%5cpackage.json',
      '//etc/passwd',
      '/page/index.html',
      '/index.html',
      '/app.js/../serve-page.ts',
      '/serve-page.ts',
      '/preact.js%00.html',
      '/api/picture/../../report.json',
      '/api/report.json/../../../gallery.key',
      '/console/page.key',
      '/constructor',
      '/__proto__',
    ]) {
      const { status, body } = await rig.ask(path, { headers: session });
      assert.ok(status === 404 || status === 400, `${path}: ${status}`);
      assert.doesNotMatch(body.toString(), /root:|PRIVATE KEY|"dependencies"|import /, path);
    }
  });

  test('what is too large, too deep or no JSON is refused and changes nothing', async (context) => {
    const rig = await open(context);
    const headers = await rig.session();
    const post = async (body: unknown, path = '/api/answer'): Promise<number> =>
      (await rig.ask(path, { method: 'POST', headers, body })).status;
    assert.equal(await post(Buffer.alloc(65_537, 32)), 413);
    assert.equal(await post({ question: 1, choice: 'x'.repeat(70_000), values: {} }), 413);
    assert.equal(await post(`${'['.repeat(30_000)}${']'.repeat(30_000)}`), 400);
    assert.equal(await post('{'), 400);
    assert.equal(await post('null'), 400);
    assert.equal(await post('{"__proto__":{"choice":"yes"}}'), 400);
    assert.equal(await post({ question: 1, choice: 'yes', values: {}, more: 1 }), 400);
    assert.equal(await post({ question: 'one', choice: 'yes', values: {} }), 400);
    assert.equal(await post({ operator: 'Tess\nroot', code: 'x' }, '/api/session'), 400);
    assert.equal(await post({ operator: '', code: 'x' }, '/api/session'), 400);
    assert.equal(await post(undefined, '/api/steps/nothing'), 409);
    assert.equal(await post(undefined, '/api/steps/__proto__'), 409);
    assert.equal(rig.desk.state.running, undefined);
    assert.deepEqual(rig.troubles, []);
  });

  test('one step at a time, answers to what is asked only, and the newest picture only', async (context) => {
    const rig = await open(context);
    const headers = await rig.session();
    const post = (path: string, body?: unknown): Promise<PageAnswer> =>
      rig.ask(path, { method: 'POST', headers, body });
    assert.equal((await post('/api/steps/asking')).status, 204);
    assert.equal(codeOf(await post('/api/steps/asking')), 'provision.busy');
    const { question, view } = rig.desk.state.running ?? {};
    assert.ok(question && view?.picture !== undefined);
    const picture = await rig.ask(`/api/picture/${view.picture}`, { headers });
    assert.equal(picture.headers['content-type'], 'image/png');
    assert.equal(picture.headers['cache-control'], 'no-store');
    assert.equal((await rig.ask(`/api/picture/${view.picture - 1}`, { headers })).status, 404);
    const answer = { question: question.number, choice: 'yes', values: { word: 'on' } };
    assert.equal(
      codeOf(await post('/api/answer', { ...answer, question: question.number + 1 })),
      'provision.no-question',
    );
    assert.equal(codeOf(await post('/api/answer', { ...answer, choice: 'maybe' })), 'provision.bad-answer');
    assert.equal(codeOf(await post('/api/answer', { ...answer, values: {} })), 'provision.bad-answer');
    assert.equal((await post('/api/answer', answer)).status, 204);
    while (rig.desk.state.running !== undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal((await rig.ask(`/api/picture/${view.picture}`, { headers })).status, 404);
    const [{ result }] = rig.desk.state.steps;
    assert.deepEqual([result?.verdict, result?.operator], ['passed', 'Tess']);
    assert.deepEqual(result?.findings, [{ mark: 'good', words: 'it said on' }]);

    // The picture is nowhere: what is kept of the step is its findings.
    assert.equal((await post('/api/acceptance')).status, 204);
    const report = await rig.ask('/api/report.json', { headers });
    assert.match(String(report.headers['content-disposition']), /^attachment/);
    assert.equal((await rig.ask('/api/report.html', { headers })).status, 200);
  });
});
