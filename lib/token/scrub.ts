import { layersOf } from './encodings.js';
import { isKnownErrorCode } from './token-endpoint-failure.js';

const LONGEST_DESCRIPTION = 200;
const LONGEST_ERROR_NAME = 64;
/** How much of a text is searched, and how much may be shown. The rest is for a secret across the cut. */
const SEARCHED = 4_096;
const SHOWABLE = 1_024;

/** In letters and digits. A shorter string occurs in any text by chance. */
const SHORTEST_SECRET = 4;
const LONGEST_SECRET = 8_192;
/** This much of a secret counts as the secret, because a text may quote it cut off. */
const TELLING_PART = 12;

const REDACTED = '[redacted]';
/** Long runs without a space are tokens, ids and keys rather than words. */
const OPAQUE_RUN = /[\w+/=.~-]{20,}/g;
const CONTROL_CHARACTERS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;
const NO_LETTERS_OR_DIGITS = /[^\p{L}\p{N}]+/gu;
const LONE_SURROGATES = /\p{Cs}/gu;
const SYNTAX_CHARACTERS = /[$()*+.?[\\\]^{|}]/g;

/** Letters and digits alone: separators, case and look-alikes do not hide a secret from a reader. */
function lettersOf(text: string): string {
  return text.normalize('NFKC').replace(NO_LETTERS_OR_DIGITS, '').toLowerCase();
}

/** The secret as it is, and in the forms of a response that quotes the request. */
function formsOf(secret: string): string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret.replace(LONE_SURROGATES, '\ufffd'))];
}

/** Matches all secrets in one pass: in separate passes, a match could span the text left by another one. */
function anyOf(secrets: readonly string[]): RegExp {
  const forms = [...new Set(secrets.flatMap(formsOf))].toSorted((one, other) => other.length - one.length);
  return new RegExp(forms.map((form) => form.replace(SYNTAX_CHARACTERS, String.raw`\$&`)).join('|'), 'gu');
}

function partsOf(letters: string): ReadonlySet<string> {
  const parts = new Set<string>();
  for (let start = 0; start + TELLING_PART <= letters.length; start += 1) {
    parts.add(letters.slice(start, start + TELLING_PART));
  }
  return parts;
}

/** Its forms in the base64 of a longer text, which depend on the number of bytes before it. */
function base64Of(secret: string): string[] {
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.from(`${' '.repeat(before)}${secret}`)
      .toString('base64')
      .replace(/=+$/, '');
    // The first and the last letter may hold bits of the neighbours.
    return encoded.slice(before === 0 ? 0 : before + 1, -1);
  });
}

/** The texts to search for: the letters of the secrets in the encodings that `layersOf` does not decode. */
function searchedOf(secrets: readonly string[]): string[] {
  return secrets
    .flatMap((secret) => [
      secret,
      layersOf(secret)?.at(-1) ?? '',
      ...base64Of(secret),
      Buffer.from(secret).toString('hex'),
    ])
    .map(lettersOf)
    .filter((letters) => letters.length >= SHORTEST_SECRET);
}

function sharesPart(parts: ReadonlySet<string>, secret: string): boolean {
  for (const part of partsOf(secret)) {
    if (parts.has(part)) {
      return true;
    }
  }
  return false;
}

/** Whether the text shows a searched text, or a telling part of it, in any encoding. */
function showsAny(text: string, searched: readonly string[]): boolean {
  const layers = layersOf(text);
  return (
    layers === undefined ||
    layers.map(lettersOf).some((letters) => {
      const parts = partsOf(letters);
      return searched.some((secret) => letters.includes(secret) || (parts.size > 0 && sharesPart(parts, secret)));
    })
  );
}

function canBeFound(secret: string): boolean {
  return secret.length <= LONGEST_SECRET && lettersOf(secret).length >= SHORTEST_SECRET;
}

/**
 * Makes a text of the other side fit for a message or a log: no secret, no control character, not long. If a secret
 * cannot be cut out, nothing of the text is shown.
 */
export function scrubDescription(value: unknown, secrets: readonly string[]): string | undefined {
  if (typeof value !== 'string') {
    return undefined;
  }
  // Cut first, because the other side chooses the length.
  const text = value.slice(0, SEARCHED);
  if (!secrets.every(canBeFound)) {
    return text.trim() === '' ? undefined : REDACTED;
  }
  const between = secrets.length === 0 ? [text] : text.split(anyOf(secrets));
  const searched = searchedOf(secrets);
  if (between.some((part) => showsAny(part, searched))) {
    return REDACTED;
  }
  const shown = between
    .join(REDACTED)
    .slice(0, SHOWABLE)
    .replace(CONTROL_CHARACTERS, ' ')
    .replace(OPAQUE_RUN, REDACTED)
    .trim();
  if (shown === '') {
    return undefined;
  }
  return shown.length > LONGEST_DESCRIPTION ? `${shown.slice(0, LONGEST_DESCRIPTION)}…` : shown;
}

/** An error code of RFC 6749 section 5.2 or Quiqup's APIs: a short word. Anything else is not shown. */
export function readErrorCode(value: unknown, secrets: readonly string[]): string | undefined {
  if (typeof value !== 'string' || value.length > LONGEST_ERROR_NAME || !/^[a-z][a-z_]*$/.test(value)) {
    return undefined;
  }
  // A client id may be part of a word such as `invalid_client`.
  const isSecret = secrets.includes(value) || (!isKnownErrorCode(value) && showsAny(value, searchedOf(secrets)));
  return isSecret ? undefined : value;
}
