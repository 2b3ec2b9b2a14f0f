import type { AxiosResponse } from 'axios';
import { QuiqupTokenResponseInvalidError } from '../errors/index.js';
import { parseRetryAfter } from './retry-after.js';
import { failureOf } from './token-endpoint-failure.js';
import { readErrorBody } from './token-error-response.js';
import { parseTokenResponse, type TokenResponse } from './token-response.js';

/**
 * Reads a response of the token endpoint.
 *
 * @param sent the secrets of the request, which the response may quote
 * @param wallNow epoch ms; a date in `Retry-After` is relative to it if the response has no `Date`
 * @throws a `QuiqupTokenEndpointError` for every response without a token
 */
export function readTokenResponse(
  received: AxiosResponse<unknown>,
  sent: readonly string[],
  wallNow: number,
): TokenResponse {
  const { status } = received;
  const body = parseJson(received.data);
  // Without `Object.prototype`, which an application may have extended.
  const fields = Object.assign(Object.create(null) as Record<string, unknown>, body);
  const hasError = (fields['error'] ?? undefined) !== undefined;
  const response = parseTokenResponse(body);
  if (isSuccess(status) && !hasError && !('problem' in response)) {
    return response;
  }
  const refusal = readErrorBody(fields, [...sent, ...tokensIn(fields)]);
  const saysWhy = hasError || refusal.quiqupCode !== undefined;
  if (isSuccess(status) && !saysWhy && 'problem' in response) {
    throw new QuiqupTokenResponseInvalidError(
      `The token endpoint's answer is not a token response: ${response.problem}. Check that baseUrl leads to Quiqup.`,
      { status },
    );
  }
  throw failureOf({
    status,
    ...refusal,
    retryAfterMs: parseRetryAfter(received.headers['retry-after'], dateOf(received) ?? wallNow),
  });
}

/** When the response was made, by the server's clock (RFC 9110 section 6.6.1), in epoch ms. */
function dateOf({ headers }: AxiosResponse<unknown>): number | undefined {
  const date = Date.parse(String(headers['date']));
  return Number.isNaN(date) ? undefined : date;
}

/** Quiqup answers 200. A stand-in for it may be built with Nest, which answers a POST with 201. */
function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** The tokens in a response that is not accepted, because the error must not quote them. */
function tokensIn(fields: Record<string, unknown>): string[] {
  return [fields['access_token'], fields['refresh_token']].filter(
    (field): field is string => typeof field === 'string' && field !== '',
  );
}

function parseJson(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
