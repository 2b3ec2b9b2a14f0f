import type { AxiosResponse } from 'axios';
import { QuiqupTokenResponseInvalidError } from '../errors/index.js';
import { parseRetryAfter } from './retry-after.js';
import { failureOf } from './token-endpoint-failure.js';
import { readErrorBody } from './token-error-response.js';
import { parseTokenResponse, type TokenResponse } from './token-response.js';

/**
 * Reads what the token endpoint answered.
 *
 * @param sent the secrets of the request, which an error may quote
 * @param wallNow epoch ms, which a date in `Retry-After` is measured by where the response has no date of its own
 * @throws a `QuiqupTokenEndpointError` for whatever is not a token
 */
export function readTokenResponse(
  received: AxiosResponse<unknown>,
  sent: readonly string[],
  wallNow: number,
): TokenResponse {
  const { status } = received;
  const body = parseJson(received.data);
  // Without `Object.prototype`, on which an application may have put anything.
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

/** When the response was made by the clock of whoever made it (RFC 9110 section 6.6.1), in epoch ms. */
function dateOf({ headers }: AxiosResponse<unknown>): number | undefined {
  const date = Date.parse(String(headers['date']));
  return Number.isNaN(date) ? undefined : date;
}

/** Quiqup answers 200; what stands in for it may be built with Nest, which answers a POST with 201. */
function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** A response that is refused may have brought them all the same, and may quote them. */
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
