import type { QuiqupAuthErrorCode } from 'nestjs-quiqup-auth';
import type { QuiqupSimulator, SimulatedAlteration, SimulatedFailure } from 'nestjs-quiqup-auth/testing';
import { gzipSync } from 'node:zlib';

interface Fault {
  readonly name: string;
  /** Has the next token request meet it, or the next `times`. A wrong clock stays wrong. */
  apply(simulator: QuiqupSimulator, times?: number): void;
}

/** The answer is a good token for all its oddity. */
interface OddToken extends Fault {
  readonly outcome: 'token';
  /** In s; of a simulator whose tokens live for an hour. */
  readonly lifetime: number;
}

interface Failure extends Fault {
  /** Whether the token request may succeed later without a change. */
  readonly outcome: 'transient' | 'permanent';
  readonly code: QuiqupAuthErrorCode;
  /** Of the error; left out where there was no answer or it could not be read to its end. */
  readonly status?: number;
  readonly oauthError?: string;
  readonly quiqupCode?: string;
  readonly retryAfterMs?: number;
}

/** The possible faults of a token endpoint's answer, and the client's result. */
export type TokenEndpointFault = OddToken | Failure;

type Fields = Readonly<Record<string, unknown>>;
type Refusal = Omit<SimulatedFailure, 'times' | 'on'> | ((simulator: QuiqupSimulator) => SimulatedFailure);

const failing =
  (failure: Refusal): Fault['apply'] =>
  (simulator, times = 1) =>
    simulator.failNext({ on: 'token', ...(typeof failure === 'function' ? failure(simulator) : failure), times });

const altering =
  (alteration: SimulatedAlteration): Fault['apply'] =>
  (simulator, times = 1) =>
    simulator.alterNext({ on: 'token', ...alteration, times });

const withFields = (changes: Fields): Fault['apply'] => altering({ body: (fields) => ({ ...fields, ...changes }) });
const withText = (change: (json: string) => unknown): Fault['apply'] =>
  altering({ body: (fields) => change(JSON.stringify(fields)) });
const withHeaders = (headers: Record<string, string>): Fault['apply'] => altering({ headers });

/** More than any answer with a token in it needs. */
const PADDING = 'x'.repeat(2 ** 20);
const HTML = '<html><body>Please log in</body></html>';
const HUNDRED_YEARS = 3_153_600_000;

const token = (name: string, apply: Fault['apply'], lifetime = 3_600): OddToken => ({
  name,
  apply,
  outcome: 'token',
  lifetime,
});

const ODD_TOKENS: readonly OddToken[] = [
  token('expires_in as text', withFields({ expires_in: '7200' }), 7_200),
  token('expires_in as text with a fraction, in spaces', withFields({ expires_in: ' 90.5 ' }), 90.5),
  token('expires_in with a fraction', withFields({ expires_in: 3_599.7 }), 3_599.7),
  token('expires_in left out', withFields({ expires_in: undefined })),
  token('expires_in of null', withFields({ expires_in: null })),
  token('expires_in of 0', withFields({ expires_in: 0 }), 1),
  token('expires_in of thousands of years', withFields({ expires_in: 1e11 }), HUNDRED_YEARS),
  token('token_type Bearer', withFields({ token_type: 'Bearer' })),
  token('token_type BEARER', withFields({ token_type: 'BEARER' })),
  token('created_at of long ago', withFields({ created_at: 1, expires_in: 60 }), 60),
  token('created_at in the future', withFields({ created_at: 9_999_999_999 })),
  token('a clock that is a day behind', (simulator) => (simulator.clockOffset = -86_400)),
  token('a clock that is a day ahead', (simulator) => (simulator.clockOffset = 86_400)),
  token('refresh_token that no header could hold', withFields({ refresh_token: 'a\r\nb' })),
  token('refresh_token that is no text', withFields({ refresh_token: 42 })),
  token('error of null', withFields({ error: null })),
  token('fields that nobody knows', withFields({ scope: 'a b', more: { of: 'it' } })),
  token(
    '`__proto__` among the fields',
    withText((json) => json.replace('{', '{"__proto__":{"error":"invalid_client"},')),
  ),
  token('text/plain', withHeaders({ 'Content-Type': 'text/plain' })),
  token('text/html', withHeaders({ 'Content-Type': 'text/html; charset=utf-8' })),
  token('an empty content type', withHeaders({ 'Content-Type': '' })),
  token('a charset that it does not have', withHeaders({ 'Content-Type': 'application/json; charset=utf-16' })),
  token(
    'a byte order mark',
    withText((json) => `\uFEFF${json}`),
  ),
  token(
    'invalid UTF-8 in a field that nobody knows',
    withText((json) => Buffer.from(json.replace('{', '{"note":"\xff",'), 'latin1')),
  ),
  token(
    'gzip',
    altering({ headers: { 'Content-Encoding': 'gzip' }, body: (fields) => gzipSync(JSON.stringify(fields)) }),
  ),
  token(
    'nearly 1 MiB',
    withText((json) => json + ' '.repeat(2 ** 20 - 1_000)),
  ),
  token('chunks', withHeaders({ 'Transfer-Encoding': 'chunked' })),
  token('drops of one byte, in time', (simulator, times = 1) => simulator.drip(1, { on: 'token', times })),
  token('Retry-After all the same', withHeaders({ 'Retry-After': '60' })),
  ...[201, 202, 299].map((status) => token(`status ${status}`, altering({ status }))),
  token('a code and a message beside it', withFields({ code: 'ok', message: 'issued' })),
];

const notAToken = (name: string, apply: Fault['apply']): Failure => ({
  name,
  apply,
  outcome: 'transient',
  code: 'QUIQUP_TOKEN_RESPONSE_INVALID',
  status: 200,
});

const NO_TOKENS: readonly Failure[] = [
  notAToken('access_token left out', withFields({ access_token: undefined })),
  notAToken('access_token of null', withFields({ access_token: null })),
  notAToken('an empty access_token', withFields({ access_token: '' })),
  notAToken('access_token of a number', withFields({ access_token: 42 })),
  notAToken(
    'access_token in a list',
    altering({ body: ({ access_token, ...rest }) => ({ ...rest, access_token: [access_token] }) }),
  ),
  notAToken(
    'access_token with a line break',
    altering({ body: (fields) => ({ ...fields, access_token: `${String(fields['access_token'])}\r\nX-Evil: 1` }) }),
  ),
  notAToken('access_token beyond ASCII', withFields({ access_token: 'tökén' })),
  notAToken(
    'access_token with invalid UTF-8',
    withText((json) => Buffer.from(json.replace('"access_token":"', '"access_token":"\xff'), 'latin1')),
  ),
  notAToken('token_type left out', withFields({ token_type: undefined })),
  notAToken('token_type of null', withFields({ token_type: null })),
  notAToken('token_type mac', withFields({ token_type: 'mac' })),
  ...[-1, '-1', 'abc', '', 'NaN', true, {}, [], [3_600]].map((expires_in) =>
    notAToken(`expires_in of ${JSON.stringify(expires_in)}`, withFields({ expires_in })),
  ),
  notAToken(
    'expires_in beyond all numbers',
    withText((json) => json.replace(/"expires_in":\d+/, '"expires_in":1e999')),
  ),
  notAToken('a log-in page', failing({ status: 200, body: HTML, contentType: 'text/html' })),
  notAToken('an empty body', failing({ status: 200 })),
  ...['null', '"a-token"', '[]', '{}'].map((body) => notAToken(`JSON ${body}`, failing({ status: 200, body }))),
  notAToken(
    'the token in a list',
    withText((json) => `[${json}]`),
  ),
  notAToken(
    'the token twice',
    withText((json) => json + json),
  ),
  notAToken(
    'JSON that is cut off',
    withText((json) => json.slice(0, 100)),
  ),
  notAToken('lists a hundred thousand deep', failing({ status: 200, body: '['.repeat(100_000) })),
  notAToken(
    'UTF-16',
    withText((json) => Buffer.from(json, 'utf16le')),
  ),
  { ...notAToken('204', altering({ status: 204, body: () => '' })), status: 204 },
];

const broken = (name: string, code: QuiqupAuthErrorCode, apply: Fault['apply']): Failure => ({
  name,
  apply,
  outcome: 'transient',
  code,
});

const BROKEN_ANSWERS: readonly Failure[] = [
  broken('more than 1 MiB', 'QUIQUP_TOKEN_RESPONSE_INVALID', withFields({ padding: PADDING })),
  broken(
    'more than 1 MiB in chunks',
    'QUIQUP_TOKEN_RESPONSE_INVALID',
    altering({ headers: { 'Transfer-Encoding': 'chunked' }, body: (fields) => ({ ...fields, padding: PADDING }) }),
  ),
  broken(
    'more than 1 MiB once it is unpacked',
    'QUIQUP_TOKEN_RESPONSE_INVALID',
    altering({
      headers: { 'Content-Encoding': 'gzip' },
      body: (fields) => gzipSync(JSON.stringify({ ...fields, padding: PADDING })),
    }),
  ),
  broken('gzip that is none', 'QUIQUP_TOKEN_ENDPOINT_UNREACHABLE', withHeaders({ 'Content-Encoding': 'gzip' })),
  broken(
    'a head of 20 KB',
    'QUIQUP_TOKEN_ENDPOINT_UNREACHABLE',
    withHeaders({ 'X-Padding': PADDING.slice(0, 20_000) }),
  ),
  broken('a length in words', 'QUIQUP_TOKEN_ENDPOINT_UNREACHABLE', withHeaders({ 'Content-Length': 'much' })),
  broken('a length that is too short', 'QUIQUP_TOKEN_ENDPOINT_UNREACHABLE', withHeaders({ 'Content-Length': '100' })),
  broken('no answer but the end', 'QUIQUP_TOKEN_ENDPOINT_UNREACHABLE', (simulator, times = 1) =>
    simulator.drop({ on: 'token', times }),
  ),
  broken('half an answer and the end', 'QUIQUP_TOKEN_RESPONSE_INVALID', (simulator, times = 1) =>
    simulator.drop({ on: 'token', at: 'within-answer', times }),
  ),
  broken('silence', 'QUIQUP_TOKEN_REQUEST_TIMEOUT', (simulator, times = 1) =>
    simulator.stall(Infinity, { on: 'token', times }),
  ),
  broken('silence after the first byte', 'QUIQUP_TOKEN_REQUEST_TIMEOUT', (simulator, times = 1) =>
    simulator.drip(Infinity, { on: 'token', times }),
  ),
  broken('drops that take longer than any request may', 'QUIQUP_TOKEN_REQUEST_TIMEOUT', (simulator, times = 1) =>
    simulator.drip(50, { on: 'token', times }),
  ),
  broken('a length that is too long', 'QUIQUP_TOKEN_REQUEST_TIMEOUT', withHeaders({ 'Content-Length': '999' })),
];

const TRANSIENT = { outcome: 'transient' } as const;
const PERMANENT = { outcome: 'permanent' } as const;
const UNAVAILABLE = { ...TRANSIENT, code: 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE' } as const;
const RATE_LIMITED = { ...TRANSIENT, code: 'QUIQUP_RATE_LIMITED', status: 429 } as const;
const NOT_UNDERSTOOD = { ...TRANSIENT, code: 'QUIQUP_TOKEN_RESPONSE_INVALID' } as const;
const CREDENTIALS = { ...PERMANENT, code: 'QUIQUP_CREDENTIALS_REFUSED' } as const;
const REQUEST = { ...PERMANENT, code: 'QUIQUP_TOKEN_REQUEST_REFUSED' } as const;
const NOT_FOUND = { ...PERMANENT, code: 'QUIQUP_TOKEN_ENDPOINT_NOT_FOUND' } as const;

type ErrorBody = { readonly error: string } | { readonly code: string; readonly message?: string };

/** The name of a body in one of the two shapes. */
function namesIn(body: ErrorBody): Pick<Failure, 'oauthError' | 'quiqupCode'> {
  return 'error' in body ? { oauthError: body.error } : { quiqupCode: body.code };
}

/** A refusal by its status and the error in its body; or by its status and another body. */
function refused(status: number, body: string | ErrorBody, outcome: Pick<Failure, 'outcome' | 'code'>): Failure {
  const names = typeof body === 'string' ? {} : namesIn(body);
  return {
    name: `${status} ${typeof body === 'string' ? body || 'with an empty body' : Object.values(names).join()}`,
    apply: failing({ status, body }),
    ...outcome,
    status,
    ...names,
  };
}

function redirect(status: number): Failure {
  return {
    ...NOT_FOUND,
    name: `${status} to another origin, which would give a token`,
    apply: failing(({ url }) => ({
      status,
      headers: { Location: `${url.replace('127.0.0.1', 'localhost')}oauth/token` },
    })),
    status,
  };
}

const REFUSALS: readonly Failure[] = [
  refused(408, { error: 'invalid_client' }, UNAVAILABLE),
  refused(429, { error: 'invalid_client' }, RATE_LIMITED),
  refused(429, '', RATE_LIMITED),
  refused(500, { error: 'invalid_client' }, UNAVAILABLE),
  refused(502, HTML, UNAVAILABLE),
  refused(503, '', UNAVAILABLE),
  refused(504, '{"error":', UNAVAILABLE),
  refused(400, { error: 'temporarily_unavailable' }, UNAVAILABLE),
  refused(401, { error: 'server_error' }, UNAVAILABLE),
  refused(400, { error: 'invalid_token_reuse' }, UNAVAILABLE),
  refused(200, { error: 'temporarily_unavailable' }, UNAVAILABLE),
  refused(499, { error: 'invalid_client' }, UNAVAILABLE),
  refused(499, { code: 'canceled' }, UNAVAILABLE),
  refused(500, { code: 'unauthenticated' }, UNAVAILABLE),
  refused(429, { code: 'resource_exhausted' }, RATE_LIMITED),
  refused(403, { code: 'resource_exhausted' }, { ...TRANSIENT, code: 'QUIQUP_RATE_LIMITED' }),
  ...['canceled', 'data_loss', 'deadline_exceeded', 'internal', 'unavailable', 'unknown'].map((code) =>
    refused(400, { code }, UNAVAILABLE),
  ),
  refused(200, { code: 'unavailable' }, UNAVAILABLE),
  refused(409, { code: 'already_exists' }, NOT_UNDERSTOOD),
  refused(401, { code: 'unauthenticated', message: 'the client is not known here' }, CREDENTIALS),
  refused(200, { code: 'unauthenticated' }, CREDENTIALS),
  refused(403, { code: 'permission_denied' }, CREDENTIALS),
  refused(400, { code: 'invalid_argument' }, REQUEST),
  refused(400, { code: 'failed_precondition' }, REQUEST),
  refused(404, { code: 'not_found', message: 'endpoint not found' }, NOT_FOUND),
  refused(400, '{"code":"NOT A CODE"}', REQUEST),
  refused(403, HTML, NOT_UNDERSTOOD),
  refused(418, 'a teapot', NOT_UNDERSTOOD),
  refused(422, { error: 'unheard_of' }, NOT_UNDERSTOOD),
  refused(200, { error: 'unheard_of' }, NOT_UNDERSTOOD),
  refused(401, { error: 'invalid_client' }, CREDENTIALS),
  refused(400, { error: 'invalid_client' }, CREDENTIALS),
  refused(403, { error: 'unauthorized_client' }, CREDENTIALS),
  refused(200, { error: 'invalid_client' }, CREDENTIALS),
  refused(401, '', CREDENTIALS),
  refused(401, HTML, CREDENTIALS),
  refused(401, '{"error":', CREDENTIALS),
  refused(400, { error: 'unsupported_grant_type' }, REQUEST),
  refused(401, { error: 'invalid_scope' }, REQUEST),
  refused(400, { error: 'invalid_request' }, REQUEST),
  refused(400, { error: 'invalid_grant' }, REQUEST),
  refused(400, '', REQUEST),
  refused(400, HTML, REQUEST),
  refused(404, HTML, NOT_FOUND),
  refused(304, '', NOT_FOUND),
  {
    ...CREDENTIALS,
    name: 'a token with an error beside it',
    apply: withFields({ error: 'invalid_client' }),
    status: 200,
    oauthError: 'invalid_client',
  },
  { ...NOT_UNDERSTOOD, name: 'a token with an error that is no text', apply: withFields({ error: {} }), status: 200 },
  ...[301, 302, 303, 307, 308].map(redirect),
  { ...NOT_FOUND, name: '302 to nowhere', apply: failing({ status: 302 }), status: 302 },
];

const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1_000).toUTCString();

const oddRetryAfter = (retryAfter: string): Failure => ({
  ...RATE_LIMITED,
  name: `429 with Retry-After of "${retryAfter}"`,
  apply: failing({ status: 429, body: '', retryAfter }),
});

const RETRY_AFTERS: readonly Failure[] = [
  {
    ...RATE_LIMITED,
    name: '429 with Retry-After in seconds',
    apply: failing({ status: 429, body: '', retryAfter: 7 }),
    retryAfterMs: 7_000,
  },
  {
    ...RATE_LIMITED,
    name: '429 with Retry-After as a date',
    apply: failing(() => ({ status: 429, body: '', retryAfter: inSeconds(60) })),
    retryAfterMs: 60_000,
  },
  {
    ...RATE_LIMITED,
    name: '429 with Retry-After as a date that has passed',
    apply: failing(() => ({ status: 429, body: '', retryAfter: inSeconds(-60) })),
    retryAfterMs: 0,
  },
  {
    ...RATE_LIMITED,
    name: "429 with Retry-After as a date by Quiqup's clock, which is 2 minutes ahead",
    apply: failing(() => ({ status: 429, body: '', retryAfter: inSeconds(150), headers: { Date: inSeconds(120) } })),
    retryAfterMs: 30_000,
  },
  ...['soon', 'in 2099', '-5'].map(oddRetryAfter),
  {
    ...UNAVAILABLE,
    name: '503 with Retry-After in seconds',
    apply: failing({ status: 503, body: '', retryAfter: 30 }),
    status: 503,
    retryAfterMs: 30_000,
  },
];

/**
 * Everything that can be wrong with an answer of the token endpoint. Tests go through it row by row, so that a new
 * fault is tried against every promise.
 */
export const TOKEN_ENDPOINT_FAULTS: readonly TokenEndpointFault[] = [
  ...ODD_TOKENS,
  ...NO_TOKENS,
  ...BROKEN_ANSWERS,
  ...REFUSALS,
  ...RETRY_AFTERS,
];
