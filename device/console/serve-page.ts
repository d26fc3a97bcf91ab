import { readFile } from 'node:fs/promises';
import fastifyCookie from '@fastify/cookie';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { WhorlError } from '../errors.ts';
import type { AccessCode } from './access-code.ts';
import { ConsoleError, type ConsoleErrorCode } from './errors.ts';
import { readPageFiles } from './page-files.ts';
import { type Session, Sessions } from './sessions.ts';
import { streamState } from './stream-state.ts';
import type { TechnicianDesk } from './technician-desk.ts';

export interface PageOptions {
  readonly desk: TechnicianDesk;
  readonly code: AccessCode;
  readonly clock: Clock;
  readonly key: string;
  readonly certificate: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Told what failed while a page was served, without anything that a request held. */
  readonly onTrouble: (error: unknown) => void;
}

export interface ServedPage {
  readonly port: number;
  close(): Promise<void>;
}

/** Rules in YAML are the longest that a page sends. */
const LONGEST_BODY = 65_536;
const REQUEST_MS = 15_000;
const MOST_CONNECTIONS = 64;

/** `__Host-`: sent to this very board by https only, and no other host can set it. */
const COOKIE = '__Host-whorl';
const TOKEN_HEADER = 'x-whorl-token';

/**
 * Nothing from elsewhere, nothing inline, nothing kept. There is no Strict-Transport-Security: with a certificate that
 * nobody vouches for, browsers would lock technicians out.
 */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
};

const STATUS: Readonly<Record<ConsoleErrorCode, number>> = {
  'console.bad-certificate': 500,
  'console.bad-request': 400,
  'console.foreign-page': 403,
  'console.no-session': 401,
  'console.not-found': 404,
  'console.too-many-streams': 429,
  'console.unusable-address': 500,
  'console.wait': 429,
  'console.wrong-code': 403,
};

const signInSchema = z.strictObject({
  code: z.string().max(64),
  operator: z
    .string()
    .trim()
    .regex(/^\P{Cc}{1,100}$/u, 'say who you are, in at most 100 characters'),
});
const answerSchema = z.strictObject({
  question: z.int(),
  choice: z.string().max(64),
  values: z.record(z.string().max(64), z.string()),
});

declare module 'fastify' {
  interface FastifyRequest {
    /** Of whoever asks; set where one is needed. */
    session: Session | undefined;
  }
}

/**
 * Serves the technician's page by https.
 *
 * @throws ConsoleError `console.unusable-address`
 */
export async function servePage(options: PageOptions): Promise<ServedPage> {
  const { key, certificate, host, port, clock } = options;
  const app = Fastify({
    https: { key, cert: certificate, minVersion: 'TLSv1.2' },
    bodyLimit: LONGEST_BODY,
    requestTimeout: REQUEST_MS,
    forceCloseConnections: true,
  });
  app.server.maxConnections = MOST_CONNECTIONS;
  app.removeContentTypeParser('text/plain');
  app.decorateRequest('session', undefined);
  app.setErrorHandler((error: FastifyError | WhorlError, _, reply) => refuse(error, reply, options.onTrouble));
  app.setNotFoundHandler(() => {
    throw new ConsoleError('console.not-found', 'there is nothing here');
  });
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(HEADERS);
    checkOrigin(request);
    done();
  });
  await app.register(fastifyCookie);
  const sessions = new Sessions(clock);
  serveFiles(app);
  serveDoorstep(app, options, sessions);
  await app.register((inside: FastifyInstance) => {
    serveOrders(inside, options, sessions);
  });
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConsoleError('console.unusable-address', `the page cannot be served at ${host}:${port}: ${reason}`, {
      cause,
    });
  }
  const address = app.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () => app.close(),
  };
}

/** Browsers say from which page an order comes; one that does not say so is no browser, and has no cookie of ours. */
function checkOrigin({ method, headers }: FastifyRequest): void {
  if (method === 'GET' || method === 'HEAD') return;
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if ((origin !== undefined && origin !== `https://${host}`) || (site !== undefined && site !== 'same-origin'))
    throw new ConsoleError('console.foreign-page', 'orders are taken from this board’s own page only');
}

function serveFiles(app: FastifyInstance): void {
  for (const [path, { type, content }] of readPageFiles()) app.get(path, (_, reply) => reply.type(type).send(content));
}

/** Where browsers are let in: all that can be done without a session. */
function serveDoorstep(app: FastifyInstance, { code }: PageOptions, sessions: Sessions): void {
  app.get('/api/session', (request) => {
    const session = sessions.find(request.cookies[COOKIE], true);
    if (session !== undefined) return { token: session.token, operator: session.operator };
    code.offer();
    throw new ConsoleError('console.no-session', 'say the code that the board shows');
  });
  app.post('/api/session', (request, reply) => {
    const { code: given, operator } = parse(signInSchema, request.body);
    const verdict = code.try(given);
    if (verdict.kind === 'wait') {
      const seconds = Math.ceil(verdict.ms / 1_000);
      reply.header('retry-after', seconds);
      throw new ConsoleError('console.wait', `too many wrong codes: wait ${seconds} s, then read the new code`);
    }
    if (verdict.kind === 'wrong') {
      code.offer();
      throw new ConsoleError('console.wrong-code', 'that is not the code that the board shows now');
    }
    // Whatever the browser held before is worth nothing: the session is a new one.
    sessions.close(request.cookies[COOKIE] ?? '');
    const session = sessions.open(operator);
    reply.setCookie(COOKIE, session.id, { path: '/', secure: true, httpOnly: true, sameSite: 'strict' });
    return { token: session.token, operator };
  });
}

/** What only a session may do; what changes something also needs its token, which only its own page knows. */
function serveOrders(app: FastifyInstance, { desk, clock }: PageOptions, sessions: Sessions): void {
  app.addHook('onRequest', (request, _, done) => {
    const isOrder = request.method !== 'GET' && request.method !== 'HEAD';
    const session = sessions.find(request.cookies[COOKIE], isOrder);
    if (session === undefined) throw new ConsoleError('console.no-session', 'this session is over: sign in again');
    if (isOrder && request.headers[TOKEN_HEADER] !== session.token)
      throw new ConsoleError('console.foreign-page', 'orders are taken from this session’s own page only');
    request.session = session;
    done();
  });
  const listening = new Map<string, number>();
  app.get('/api/state', (request, reply) => {
    const { id } = sessionOf(request);
    streamState({ desk, clock, listening, reply, session: id, alive: () => sessions.find(id, false) !== undefined });
    return reply;
  });
  app.get<{ Params: { number: string } }>('/api/picture/:number', async (request, reply) => {
    const png = await desk.picture(Number(request.params.number));
    if (png === undefined) throw new ConsoleError('console.not-found', 'that picture is gone');
    return reply.type('image/png').send(Buffer.from(png));
  });
  app.post<{ Params: { id: string } }>('/api/steps/:id', (request, reply) => {
    desk.begin(request.params.id, sessionOf(request).operator);
    return reply.code(204).send();
  });
  app.delete('/api/steps', async (_, reply) => {
    await desk.stop();
    return reply.code(204).send();
  });
  app.post('/api/answer', (request, reply) => {
    const { question, ...given } = parse(answerSchema, request.body);
    desk.answer(question, given);
    return reply.code(204).send();
  });
  app.post('/api/acceptance', async (request, reply) => {
    await desk.accept(sessionOf(request).operator);
    return reply.code(204).send();
  });
  for (const [path, of, type] of [
    ['/api/report.json', 'json', 'application/json; charset=utf-8'],
    ['/api/report.html', 'page', 'text/html; charset=utf-8'],
  ] as const)
    app.get(path, async (_, reply) => {
      const { report } = desk;
      if (report === undefined) throw new ConsoleError('console.not-found', 'no report was signed yet');
      // Saved, not shown: what it looks like is its own business, and this page's headers would not let it.
      const name = `acceptance-${report.report.device}.${of === 'json' ? 'json' : 'html'}`;
      return reply
        .type(type)
        .header('content-disposition', `attachment; filename="${name}"`)
        .send(await readFile(report[of]));
    });
  app.delete('/api/session', (request, reply) => {
    sessions.close(sessionOf(request).id);
    return reply.clearCookie(COOKIE, { path: '/', secure: true }).code(204).send();
  });
}

function sessionOf({ session }: FastifyRequest): Session {
  if (session === undefined) throw new ConsoleError('console.no-session', 'sign in first');
  return session;
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [{ message }] = parsed.error.issues;
  throw new ConsoleError('console.bad-request', message);
}

/** What is wrong with a request is told; what is wrong with us is told at the board. */
function refuse(
  error: FastifyError | WhorlError,
  reply: FastifyReply,
  onTrouble: PageOptions['onTrouble'],
): FastifyReply {
  if (error instanceof ConsoleError)
    return reply.code(STATUS[error.code]).send({ code: error.code, message: error.message });
  if (error instanceof WhorlError) return reply.code(409).send({ code: error.code, message: error.message });
  const status = error.statusCode ?? 500;
  if (status < 500) return reply.code(status).send({ code: 'console.bad-request', message: error.message });
  onTrouble(error);
  return reply.code(500).send({ code: 'internal', message: 'something went wrong at the board: see its screen' });
}
