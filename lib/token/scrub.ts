import { isKnownErrorCode } from './token-endpoint-failure.js';

const LONGEST_DESCRIPTION = 200;
const LONGEST_ERROR_NAME = 64;
/** A shorter secret could stand in a text by chance, once its spaces are gone. */
const SHORTEST_SQUEEZED = 8;

const REDACTED = '[redacted]';
/** Long runs without a space are tokens, ids and keys rather than words. */
const OPAQUE_RUN = /[\w+/=.~-]{20,}/g;
const CONTROL_CHARACTERS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;
const SPACING = /[\p{Cc}\p{Cf}\p{Z}]+/gu;
const LONE_SURROGATES = /\p{Cs}/gu;

/** The secret as it is, and as an answer has it that quotes the request. */
function formsOf(secret: string): string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret.replace(LONE_SURROGATES, '\ufffd'))];
}

function redact(text: string, forms: readonly string[]): string {
  return forms.reduce((redacted, form) => redacted.replaceAll(form, REDACTED), text);
}

/** Whether the secret can be read in spite of characters put between its own. */
function showsThrough(text: string, form: string): boolean {
  const squeezed = form.replace(SPACING, '');
  return squeezed.length >= SHORTEST_SQUEEZED && text.replace(SPACING, '').includes(squeezed);
}

/** An `error_description` fit for a message or a log: no secret, no control character, not long. */
export function scrubDescription(value: unknown, secrets: readonly string[]): string | undefined {
  if (typeof value !== 'string') {
    return undefined;
  }
  const forms = secrets.flatMap(formsOf);
  if (forms.some((form) => showsThrough(redact(value, forms), form))) {
    return REDACTED;
  }
  // Twice, for a secret may have the space that a control character becomes.
  const text = redact(redact(value, forms).replace(CONTROL_CHARACTERS, ' '), forms)
    .replace(OPAQUE_RUN, REDACTED)
    .trim();
  if (text === '') {
    return undefined;
  }
  return text.length > LONGEST_DESCRIPTION ? `${text.slice(0, LONGEST_DESCRIPTION)}…` : text;
}

/** An error code as RFC 6749 section 5.2 and Quiqup's APIs have them: a short word. Anything else is not shown. */
export function readErrorCode(value: unknown, secrets: readonly string[]): string | undefined {
  if (typeof value !== 'string' || value.length > LONGEST_ERROR_NAME || !/^[a-z][a-z_]*$/.test(value)) {
    return undefined;
  }
  // A client id may well be a part of a word such as `invalid_client`.
  const isSecret = secrets.includes(value) || (!isKnownErrorCode(value) && secrets.some((one) => value.includes(one)));
  return isSecret ? undefined : value;
}
