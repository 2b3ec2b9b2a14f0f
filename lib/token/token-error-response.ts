import { readErrorCode, scrubDescription } from './scrub.js';
import type { RefusedResponse } from './token-endpoint-failure.js';

/** How many of the invalid fields are named. */
const SHOWN_FIELDS = 3;

type ErrorBody = Pick<RefusedResponse, 'oauthError' | 'quiqupCode' | 'description'>;

/**
 * Reads an error body of either shape: OAuth's `error` and `error_description` (RFC 6749 section 5.2), or the
 * `code`, `message` and `details` of Quiqup's APIs. The result holds none of the secrets.
 */
export function readErrorBody(body: Readonly<Record<string, unknown>>, secrets: readonly string[]): ErrorBody {
  return {
    oauthError: readErrorCode(body['error'], secrets),
    quiqupCode: readErrorCode(body['code'], secrets),
    description: scrubDescription(body['error_description'] ?? quiqupDescription(body), secrets),
  };
}

function quiqupDescription({ message, details }: Readonly<Record<string, unknown>>): string | undefined {
  const parts = [...(typeof message === 'string' ? [message] : []), ...fieldProblems(details)];
  return parts.length === 0 ? undefined : parts.join('; ');
}

/** `details.fields: [{ field, message }]`, which Quiqup adds for invalid input. */
function fieldProblems(details: unknown): string[] {
  const { fields } = Object(details) as { fields?: unknown };
  return (Array.isArray(fields) ? (fields as unknown[]) : [])
    .slice(0, SHOWN_FIELDS)
    .map((each) => Object(each) as { field?: unknown; message?: unknown })
    .filter(({ field, message }) => typeof field === 'string' && typeof message === 'string')
    .map(({ field, message }) => `${String(field)}: ${String(message)}`);
}
