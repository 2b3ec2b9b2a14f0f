import { jsonAnswer, type SimulatedAnswer } from './simulated-answer.js';
import type { QuiqupSimulatorClient } from './simulated-clients.js';
import { errorAnswer, type QuiqupSimulatorTokenErrors } from './simulated-errors.js';
import type { IssuedToken, IssueOptions, SimulatedTokens } from './simulated-tokens.js';

const LARGEST_BODY = 64 * 1_024;

export interface TokenRequest {
  readonly isTooLarge?: boolean;
  readonly isUnreadable?: boolean;
  readonly grantType?: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  readonly refreshToken?: string | undefined;
}

/** The parts that answer a token request. */
export interface TokenEndpointState {
  readonly clients: readonly QuiqupSimulatorClient[];
  readonly tokens: SimulatedTokens;
  readonly issue: IssueOptions;
  readonly errors: QuiqupSimulatorTokenErrors;
}

export interface TokenGrant {
  readonly answer: SimulatedAnswer;
  readonly issued?: IssuedToken;
}

interface Refusal {
  readonly status: number;
  readonly oauth: string;
  readonly quiqup: string;
  readonly message: string;
}

const refusal = (status: number, oauth: string, quiqup: string, message: string): Refusal => ({
  status,
  oauth,
  quiqup,
  message,
});

const REFUSALS = {
  tooLarge: refusal(413, 'invalid_request', 'invalid_argument', 'The request body is larger than 64 KiB.'),
  unreadable: refusal(400, 'invalid_request', 'invalid_argument', 'The request body is not readable JSON.'),
  noGrantType: refusal(400, 'invalid_request', 'invalid_argument', 'Missing required parameter: grant_type.'),
  unknownGrantType: refusal(
    400,
    'unsupported_grant_type',
    'invalid_argument',
    'The authorization grant type is not supported by the authorization server.',
  ),
  unknownClient: refusal(
    401,
    'invalid_client',
    'unauthenticated',
    'Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.',
  ),
  deadRefreshToken: refusal(
    400,
    'invalid_grant',
    'failed_precondition',
    'The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.',
  ),
};

/** Reads the query and the body (JSON or form, by its content type). The body overrides the query. */
export function readTokenRequest(query: string, contentType: string | undefined, body: Buffer): TokenRequest {
  if (body.length > LARGEST_BODY) {
    return { isTooLarge: true };
  }
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  const fields = new Map<string, unknown>(new URLSearchParams(query));
  let isUnreadable = false;
  if (type === 'application/x-www-form-urlencoded') {
    new URLSearchParams(body.toString()).forEach((value, name) => fields.set(name, value));
  } else if (type === 'application/json' && body.length > 0) {
    try {
      Object.entries(Object(JSON.parse(body.toString()))).forEach(([name, value]) => fields.set(name, value));
    } catch {
      isUnreadable = true;
    }
  }
  const text = (name: string): string | undefined => {
    const value = fields.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  return {
    isUnreadable,
    grantType: text('grant_type'),
    clientId: text('client_id'),
    clientSecret: text('client_secret'),
    refreshToken: text('refresh_token'),
  };
}

/** Checks in Doorkeeper's order: the grant type before the client. Consumes a valid refresh token. */
function refusalOf(request: TokenRequest, { clients, tokens }: TokenEndpointState): Refusal | undefined {
  const { grantType, clientId = '', clientSecret, refreshToken = '' } = request;
  if (request.isTooLarge === true) {
    return REFUSALS.tooLarge;
  }
  if (request.isUnreadable === true) {
    return REFUSALS.unreadable;
  }
  if (!grantType) {
    return REFUSALS.noGrantType;
  }
  if (grantType !== 'client_credentials' && grantType !== 'refresh_token') {
    return REFUSALS.unknownGrantType;
  }
  const client = clients.find((known) => known.clientId === clientId);
  if (client === undefined || client.clientSecret !== clientSecret) {
    return REFUSALS.unknownClient;
  }
  return grantType === 'refresh_token' && !tokens.redeem(refreshToken, clientId)
    ? REFUSALS.deadRefreshToken
    : undefined;
}

/** Answers a token request like the endpoint. */
export function answerTokenRequest(request: TokenRequest, state: TokenEndpointState): TokenGrant {
  const { errors } = state;
  const refused = refusalOf(request, state);
  if (refused) {
    const { status, message } = refused;
    return { answer: errorAnswer(errors, { status, code: refused[errors], message }) };
  }
  const issued = state.tokens.issue(request.clientId ?? '', state.issue);
  const body = {
    access_token: issued.accessToken,
    token_type: 'bearer',
    expires_in: issued.expiresIn,
    refresh_token: issued.refreshToken,
    created_at: issued.createdAt,
  };
  return { answer: jsonAnswer(200, body, { 'Cache-Control': 'no-store' }), issued };
}
