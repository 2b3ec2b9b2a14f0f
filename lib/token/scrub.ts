const LONGEST_DESCRIPTION = 200;
const LONGEST_ERROR_NAME = 64;

/** Long runs without a space are tokens, ids and keys rather than words. */
const OPAQUE_RUN = /[\w+/=.~-]{20,}/g;
const CONTROL_CHARACTERS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** An `error_description` fit for a message or a log: no secret, no control character, not long. */
export function scrubDescription(value: unknown, secrets: readonly string[]): string | undefined {
  if (typeof value !== 'string') {
    return undefined;
  }
  let text = value;
  for (const secret of secrets) {
    text = text.replaceAll(secret, '[redacted]');
  }
  text = text.replace(CONTROL_CHARACTERS, ' ').replace(OPAQUE_RUN, '[redacted]').trim();
  if (text === '') {
    return undefined;
  }
  return text.length > LONGEST_DESCRIPTION ? `${text.slice(0, LONGEST_DESCRIPTION)}…` : text;
}

/** An `error` code as RFC 6749 section 5.2 has them: a short word. Anything else is not shown. */
export function readOAuthError(value: unknown, secrets: readonly string[]): string | undefined {
  if (typeof value !== 'string' || value.length > LONGEST_ERROR_NAME || !/^[a-z][a-z_]*$/.test(value)) {
    return undefined;
  }
  return secrets.includes(value) ? undefined : value;
}
