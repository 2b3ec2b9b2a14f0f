import { jsonAnswer, type SimulatedAnswer } from './simulated-answer.js';
import type { IssuedToken, IssueOptions, SimulatedTokens } from './simulated-tokens.js';

const LARGEST_BODY = 64 * 1_024;

/** A client that may ask for tokens. */
export interface QuiqupSimulatorClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface TokenRequest {
  /** Set when the body cannot be read. */
  readonly refusal?: SimulatedAnswer;
  readonly grantType?: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  readonly refreshToken?: string | undefined;
}

/** What the endpoint answers a token request from. */
export interface TokenEndpointState {
  readonly clients: readonly QuiqupSimulatorClient[];
  readonly tokens: SimulatedTokens;
  readonly issue: IssueOptions;
}

export interface TokenGrant {
  readonly answer: SimulatedAnswer;
  readonly issued?: IssuedToken;
}

function refuse(status: number, error: string, description: string): SimulatedAnswer {
  return jsonAnswer(
    status,
    { error, error_description: description },
    { 'Cache-Control': 'no-store', 'WWW-Authenticate': `Bearer realm="Quiqup", error="${error}"` },
  );
}

/** Reads a JSON or form body, as its content type says. */
export function readTokenRequest(contentType: string | undefined, body: Buffer): TokenRequest {
  if (body.length > LARGEST_BODY) {
    return { refusal: refuse(413, 'invalid_request', 'The request body is larger than 64 KiB.') };
  }
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  const fields = new Map<string, unknown>();
  if (type === 'application/x-www-form-urlencoded') {
    new URLSearchParams(body.toString()).forEach((value, name) => fields.set(name, value));
  } else if (type === 'application/json') {
    try {
      Object.entries(Object(JSON.parse(body.toString()))).forEach(([name, value]) => fields.set(name, value));
    } catch {
      return { refusal: refuse(400, 'invalid_request', 'The request body is not readable JSON.') };
    }
  }
  const text = (name: string): string | undefined => {
    const value = fields.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  return {
    grantType: text('grant_type'),
    clientId: text('client_id'),
    clientSecret: text('client_secret'),
    refreshToken: text('refresh_token'),
  };
}

/** Answers as Doorkeeper does, and checks in its order: the grant type before the client. */
export function answerTokenRequest(request: TokenRequest, state: TokenEndpointState): TokenGrant {
  const { refusal, grantType, clientId, clientSecret, refreshToken } = request;
  if (refusal) {
    return { answer: refusal };
  }
  if (!grantType) {
    return { answer: refuse(400, 'invalid_request', 'Missing required parameter: grant_type.') };
  }
  if (grantType !== 'client_credentials' && grantType !== 'refresh_token') {
    const description = 'The authorization grant type is not supported by the authorization server.';
    return { answer: refuse(400, 'unsupported_grant_type', description) };
  }
  const client = state.clients.find((known) => known.clientId === clientId);
  if (!client || client.clientSecret !== clientSecret) {
    const description =
      'Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.';
    return { answer: refuse(401, 'invalid_client', description) };
  }
  if (grantType === 'refresh_token' && !state.tokens.redeem(refreshToken ?? '', client.clientId)) {
    const description =
      'The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.';
    return { answer: refuse(400, 'invalid_grant', description) };
  }
  const issued = state.tokens.issue(client.clientId, state.issue);
  const body = {
    access_token: issued.accessToken,
    token_type: 'bearer',
    expires_in: issued.expiresIn,
    refresh_token: issued.refreshToken,
    created_at: issued.createdAt,
  };
  return { answer: jsonAnswer(200, body, { 'Cache-Control': 'no-store' }), issued };
}
