import { EPOCH_MS } from '../world/machine.js';

/** The effect of the server or the network on a request. */
export type Answer =
  | {
      readonly kind: 'response';
      readonly status: number;
      readonly body: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'broken'; readonly code: string }
  /** Nothing ever comes. */
  | { readonly kind: 'silence' };

interface FaultRule {
  /** `undefined`: a failure of the way. */
  readonly answer: (now: number, retryAfterS: number) => Answer;
  /** For how long its pauses go on after it has ended, in ms. */
  readonly aftermathMs: number;
  readonly isPermanent?: boolean;
}

const TRANSIENT_MS = 8_000;
const WITH_RETRY_AFTER_MS = 68_000;
const PERMANENT_MS = 310_000;

function response(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { kind: 'response', status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

function always(answer: Answer, aftermathMs = TRANSIENT_MS): FaultRule {
  return { answer: () => answer, aftermathMs, ...(aftermathMs === PERMANENT_MS && { isPermanent: true }) };
}

const token = (changes: object): Answer =>
  response(200, { access_token: 'never-a-token', token_type: 'bearer', expires_in: 3600, ...changes });

/** Section 7 of the design, one by one. */
const RULES = {
  refused: always({ kind: 'broken', code: 'ECONNREFUSED' }),
  reset: always({ kind: 'broken', code: 'ECONNRESET' }),
  silent: always({ kind: 'silence' }),
  'status 408': always(response(408, '')),
  'status 429': always(response(429, { code: 'resource_exhausted', message: 'rate limited' })),
  'status 499': always(response(499, { code: 'canceled' })),
  'status 500': always(response(500, { code: 'internal' })),
  'status 503': always(response(503, '<html>503</html>')),
  'status 504': always(response(504, { code: 'deadline_exceeded' })),
  invalid_token_reuse: always(response(400, { error: 'invalid_token_reuse' })),
  temporarily_unavailable: always(response(400, { error: 'temporarily_unavailable' })),
  server_error: always(response(400, { error: 'server_error' })),
  'unavailable in 200': always(response(200, { code: 'unavailable' })),
  'error in 200': always(token({ error: 'server_error' })),
  html: always(response(200, '<html>welcome</html>')),
  empty: always(response(200, '')),
  truncated: always(response(200, '{"access_token":"never-a-tok')),
  'no token': always(token({ access_token: undefined })),
  'negative lifetime': always(token({ expires_in: -1 })),
  'ended token': always(token({ access_token: 'a-token-that-has-ended', expires_in: 0 })),
  'wrong type': always(token({ token_type: 'mac' })),
  'status 418': always(response(418, 'teapot')),
  'retry after seconds': {
    answer: (_now: number, s: number) => response(503, '', { 'retry-after': String(s) }),
    aftermathMs: WITH_RETRY_AFTER_MS,
  },
  'retry after date': {
    answer: (now: number, s: number) =>
      response(429, '', {
        date: new Date(EPOCH_MS + now).toUTCString(),
        'retry-after': new Date(EPOCH_MS + now + s * 1_000).toUTCString(),
      }),
    aftermathMs: WITH_RETRY_AFTER_MS,
  },
  invalid_client: always(response(401, { error: 'invalid_client' }), PERMANENT_MS),
  invalid_request: always(response(400, { error: 'invalid_request' }), PERMANENT_MS),
  permission_denied: always(response(403, { code: 'permission_denied' }), PERMANENT_MS),
  redirect: always(response(302, '', { location: 'https://elsewhere.sim/' }), PERMANENT_MS),
  'not found': always(response(404, 'no such page'), PERMANENT_MS),
} satisfies Record<string, FaultRule>;

export type EndpointFaultName = keyof typeof RULES | 'lost answer' | 'slow';

export const RETRY_AFTER_FAULTS: readonly EndpointFaultName[] = ['retry after seconds', 'retry after date'];

export function ruleOf(name: EndpointFaultName): FaultRule | undefined {
  return name === 'lost answer' || name === 'slow' ? undefined : RULES[name];
}

/** For how long a fault is felt after it has ended, in ms. */
export function aftermathOf(name: EndpointFaultName): number {
  return ruleOf(name)?.aftermathMs ?? TRANSIENT_MS;
}

export const TRANSIENT_FAULTS = (Object.keys(RULES) as (keyof typeof RULES)[])
  .filter(
    (name) =>
      (RULES[name] as FaultRule).isPermanent !== true && !RETRY_AFTER_FAULTS.includes(name) && name !== 'ended token',
  )
  .slice() as readonly EndpointFaultName[];

export const PERMANENT_FAULTS = (Object.keys(RULES) as (keyof typeof RULES)[]).filter(
  (name) => (RULES[name] as FaultRule).isPermanent === true,
) as readonly EndpointFaultName[];
