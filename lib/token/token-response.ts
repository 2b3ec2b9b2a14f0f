import * as v from 'valibot';
import { schemaEntries } from '../config/index.js';

/** A valid token response. */
export interface TokenResponse {
  readonly accessToken: string;
  /** In s; `undefined` if the response has none. */
  readonly expiresIn: number | undefined;
  readonly refreshToken: string | undefined;
}

/** 100 years in s: servers use such lifetimes for "never", and longer ones overflow dates and timers. */
const LONGEST_LIFETIME_S = 100 * 365 * 24 * 60 * 60;

/** Visible ASCII: anything else could not be sent in a header (RFC 6750 section 2.1). */
const TOKEN_TEXT = /^[\x21-\x7e]+$/;
const NUMERIC_TEXT = /^\s*\d+(?:\.\d+)?\s*$/;

const tokenText = v.pipe(v.string(), v.regex(TOKEN_TEXT));

const responseSchema = v.object(
  schemaEntries({
    access_token: tokenText,
    token_type: v.pipe(
      v.string(),
      v.check((type) => type.toLowerCase() === 'bearer'),
    ),
    expires_in: v.nullish(
      v.pipe(
        v.union([v.number(), v.pipe(v.string(), v.regex(NUMERIC_TEXT), v.transform(Number))]),
        v.finite(),
        v.minValue(0),
        v.transform((seconds) => Math.min(seconds, LONGEST_LIFETIME_S)),
      ),
    ),
    refresh_token: v.optional(v.unknown()),
  }),
);

/** The meaning of each wrong field. Fixed texts, because the received value may hold a token. */
const FIELD_PROBLEMS: Readonly<Record<string, string>> = {
  access_token: 'access_token is missing or could not be sent in a header',
  token_type: 'token_type is not bearer',
  expires_in: 'expires_in is not a number of seconds',
};

/** The token response (RFC 6749 section 5.1) in `body`, or the problem, in a text that quotes nothing. */
export function parseTokenResponse(body: unknown): TokenResponse | { readonly problem: string } {
  const result = v.safeParse(responseSchema, body);
  if (!result.success) {
    const field = result.issues[0].path?.[0]?.key;
    return { problem: FIELD_PROBLEMS[String(field)] ?? 'it is not a JSON object' };
  }
  const { access_token, expires_in, refresh_token } = result.output;
  return {
    accessToken: access_token,
    expiresIn: expires_in ?? undefined,
    // An invalid refresh token counts as none.
    refreshToken: v.is(tokenText, refresh_token) ? refresh_token : undefined,
  };
}
