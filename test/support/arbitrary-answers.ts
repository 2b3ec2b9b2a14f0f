import fc from 'fast-check';
import { QUOTING } from './canaries.js';
import { inspect } from 'node:util';

/** Long enough not to stand in a message by chance. */
export const arbitrarySecret = fc
  .array(
    fc.oneof(
      { arbitrary: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)), weight: 30 },
      { arbitrary: fc.constantFrom(' ', '\t', '\u00e9', '\u200b', '\u{1f511}', '\ud800'), weight: 1 },
    ),
    { minLength: 12, maxLength: 48 },
  )
  .map((characters) => characters.join(''))
  .filter((secret) => secret === secret.trim() && withoutSpacing(secret).length >= 12);

/** The text as it is, and in the encodings of answers that quote it. */
function quoted(secret: string): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom(...Object.values(QUOTING).map((quote) => quote(secret.replace(/\p{Cs}/gu, '\ufffd')))),
    fc.constantFrom(secret, JSON.stringify(secret)),
    fc.constant(new URLSearchParams({ client_secret: secret }).toString()),
    // Broken in pieces.
    fc
      .tuple(fc.nat(secret.length), fc.constantFrom('\n', '\0', '\u200b', '\u2028', '\u00ad'))
      .map(([at, between]) => secret.slice(0, at) + between + secret.slice(at)),
    fc.constant(Array.from(secret).join('\u200b')),
  );
}

/** A text of words, some of which are secrets. */
export function arbitraryText(secrets: readonly string[]): fc.Arbitrary<string> {
  const words = fc.constantFrom('invalid client', 'The request', ':', '', ' ', '\r\n', '<b>', '[redacted]', '% ');
  return fc
    .array(fc.oneof(words, fc.string({ unit: 'binary', maxLength: 20 }), ...secrets.map(quoted)), { maxLength: 8 })
    .map((parts) => parts.join(''));
}

function mostly(usual: fc.Arbitrary<unknown>, odd: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ arbitrary: usual, weight: 6 }, { arbitrary: odd, weight: 1 });
}

const FIELDS = [
  'access_token',
  'token_type',
  'expires_in',
  'refresh_token',
  'error',
  'error_description',
  'code',
  'message',
  'details',
  '__proto__',
];

/** Possible bodies of an answer: JSON of every shape, and anything else. */
export function arbitraryBody(secrets: readonly string[]): fc.Arbitrary<unknown> {
  const text = arbitraryText(secrets);
  const odd = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    text,
    fc.double(),
    fc.constantFrom(...secrets, '', null, -1, '9'),
  );
  const tokenResponse = fc
    .record({
      access_token: mostly(fc.stringMatching(/^[\x21-\x7e]{12,60}$/), odd),
      token_type: mostly(fc.constantFrom('Bearer', 'bearer', 'BEARER'), odd),
      expires_in: mostly(fc.nat(), odd),
    })
    .chain((fields) =>
      fc
        .dictionary(fc.constantFrom(...FIELDS, 'scope'), odd, { maxKeys: 1 })
        .map((changes) => Object.entries({ ...fields, ...changes })),
    );
  const refusal = fc
    .record({
      error: fc.oneof(fc.constantFrom('invalid_client', 'server_error', 'unheard_of', ...secrets), odd),
      error_description: fc.oneof(text, odd),
      access_token: fc.constantFrom(undefined, ...secrets),
    })
    .map((fields) => Object.entries(fields));
  const fieldProblem = fc.record({ field: fc.oneof(text, odd), message: fc.oneof(text, odd) });
  const quiqupRefusal = fc
    .record({
      code: fc.oneof(fc.constantFrom('unauthenticated', 'unavailable', 'unheard_of', ...secrets), odd),
      message: fc.oneof(text, odd),
      details: fc.oneof(fc.record({ fields: fc.array(fieldProblem) }), odd),
      access_token: fc.constantFrom(undefined, ...secrets),
    })
    .map((fields) => Object.entries(fields));
  const json = fc
    .oneof(tokenResponse, refusal, quiqupRefusal, fc.dictionary(fc.constantFrom(...FIELDS), odd).map(Object.entries))
    // Written by hand, because an object would use `__proto__` as its prototype.
    .map((entries: [string, unknown][]) =>
      entries
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
        .join(','),
    )
    .map((members) => `{${members}}`);
  return fc.oneof(
    { arbitrary: json, weight: 8 },
    { arbitrary: fc.tuple(json, fc.nat(80)).map(([whole, end]) => whole.slice(0, end)), weight: 1 },
    { arbitrary: fc.oneof(fc.json(), text, fc.string({ unit: 'binary' })), weight: 1 },
    { arbitrary: fc.oneof(fc.constantFrom('['.repeat(10_000), '\ufeff{}', 'null', ''), fc.anything()), weight: 1 },
    { arbitrary: fc.uint8Array().map((bytes) => Buffer.from(bytes)), weight: 1 },
  );
}

export const arbitraryRetryAfter = fc.oneof(
  fc.nat().map(String),
  fc.double().map(String),
  fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  fc.nat(400).map((digits) => '9'.repeat(digits)),
  fc.string(),
  fc.constantFrom('-5', 'in 2099', '1e9', '00:00:00', '9999999999-01-01 00:00:00', 'Infinity', ''),
);

/** A text without what does not show in it. */
export function withoutSpacing(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Z}]+/gu, '');
}

/** Every way in which an error or a value of ours shows itself, cheap enough for tens of thousands of them. */
export function shownBy(value: unknown): string {
  const { message, stack } = (value ?? {}) as Partial<Error>;
  return [
    inspect(value, { depth: null, showHidden: true, getters: true, breakLength: Infinity }),
    JSON.stringify(value),
    String(value),
    message,
    stack,
  ].join('\n');
}
