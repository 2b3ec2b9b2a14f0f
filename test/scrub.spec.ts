import { describe, expect, it } from '@jest/globals';
import { layersOf } from '../lib/token/encodings.js';
import { readErrorCode, scrubDescription } from '../lib/token/scrub.js';

const SECRET = 'Kx7-pL9/qZ2+vB4=';
const LETTERS = Array.from(SECRET);
const REDACTED = '[redacted]';

const escapedAs = (escape: (code: number) => string): string =>
  LETTERS.map((letter) => escape(letter.codePointAt(0) ?? 0)).join('');
const hex = (code: number, length = 2): string => code.toString(16).padStart(length, '0');

describe('A text of the other side', () => {
  it.each<[string, unknown, string | undefined]>([
    ['is shown', 'The client is not known.', 'The client is not known.'],
    ['is none', '', undefined],
    ['is none of blanks', ' \n\t ', undefined],
    ['is none of another type', { text: 'a' }, undefined],
    ['loses what controls a terminal', 'one\u001B[31mtwo\u202Ethree\u2028four', 'one [31mtwo three four'],
    ['loses long runs, which are ids and keys', 'for request 0123456789abcdefghij', `for request ${REDACTED}`],
    ['keeps runs of 19 letters', 'for 0123456789abcdefghi', 'for 0123456789abcdefghi'],
    ['has no blanks around it', '  a text  ', 'a text'],
  ])('%s', (_, text, shown) => {
    expect(scrubDescription(text, [])).toBe(shown);
    expect(scrubDescription(text, [SECRET])).toBe(shown);
  });

  it('is cut after 200 letters', () => {
    const text = `${'word '.repeat(39)}words`;
    expect(scrubDescription(text, [])).toBe(text);
    expect(scrubDescription(`${text} w`, [])).toBe(`${text}…`);
  });

  it('is cut before it is looked at', () => {
    expect(scrubDescription(`${'word '.repeat(900)}${SECRET}`, [SECRET])).toBe(`${'word '.repeat(40)}…`);
    expect(scrubDescription(`${' '.repeat(1_023)}word`, [])).toBe('w');
    expect(scrubDescription(`${' '.repeat(1_024)}word`, [])).toBeUndefined();
  });
});

describe('A secret that a text quotes', () => {
  it.each<[string, string]>([
    ['as it is', SECRET],
    ['as a form has it', encodeURIComponent(SECRET)],
  ])('is cut out: %s', (_, quoted) => {
    expect(scrubDescription(`secret ${quoted} of client`, [SECRET])).toBe(`secret ${REDACTED} of client`);
  });

  it('is cut out as JSON has it, with quotes in it', () => {
    const secret = String.raw`a"b\c"d-secret`;
    expect(scrubDescription(`got ${JSON.stringify(secret)} for it`, [secret])).toBe(`got "${REDACTED}" for it`);
  });

  it('is cut out with characters that expressions know, and with a lone surrogate', () => {
    const secret = '.*(abc)[de]{2}^$|+?\\';
    expect(scrubDescription(`got ${secret} for it`, [secret])).toBe(`got ${REDACTED} for it`);
    expect(scrubDescription(`got ${encodeURIComponent('abcd\ufffd')} for it`, ['abcd\ud800'])).toBe(
      `got ${REDACTED} for it`,
    );
  });

  it('is cut out whole where another is a part of it', () => {
    expect(scrubDescription('got abcdefgh for it', ['abcd', 'abcdefgh'])).toBe(`got ${REDACTED} for it`);
  });

  it.each<[string, string]>([
    ['in another case', SECRET.toUpperCase()],
    ['in lower-case percent', encodeURIComponent(SECRET).toLowerCase()],
    ['in percent, each letter', escapedAs((code) => `%${hex(code)}`)],
    ['in percent twice', encodeURIComponent(encodeURIComponent(SECRET))],
    ['with its slash escaped', SECRET.replace('/', String.raw`\/`)],
    ['in \\u, four digits', escapedAs((code) => `\\u${hex(code, 4)}`)],
    ['in \\u, braced', escapedAs((code) => `\\u{${hex(code)}}`)],
    ['in \\x', escapedAs((code) => `\\x${hex(code)}`)],
    ['in HTML, hexadecimal', escapedAs((code) => `&#x${hex(code)};`)],
    ['in HTML, decimal', escapedAs((code) => `&#${code};`)],
    ['in HTML without semicolons', escapedAs((code) => `&#${code} `)],
    ['in HTML within HTML', escapedAs((code) => `&amp;#${code};`)],
    ['in HTML, with named signs', escapedAs((code) => `&AMP;&NUM;${code}&semi;`)],
    ['split by characters without width', LETTERS.join('\u200B')],
    ['split by blanks', LETTERS.join(' ')],
    ['in full-width letters', LETTERS.map((letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0)).join('')], // prettier-ignore
    ['in base64', Buffer.from(SECRET).toString('base64')],
    ['in base64, after one letter', Buffer.from(`:${SECRET}`).toString('base64')],
    ['in base64, after two', Buffer.from(`a:${SECRET}`).toString('base64')],
    ['in hexadecimal', Buffer.from(SECRET).toString('hex')],
    ['in a run of percent that is no UTF-8', `%ff${escapedAs((code) => `%${hex(code)}`)}`],
    ['in base64, with text on both sides', Buffer.from(`:${SECRET}:a`).toString('base64')],
    ['in base64, with more of it', Buffer.from(`ab${SECRET}:ab`).toString('base64')],
    ['in base64, in the midst of a text', Buffer.from(`abc${SECRET}:abc`).toString('base64')],
    ['once more in another form', `${SECRET} and ${[...LETTERS].join(' ')}`],
  ])('hides the text: %s', (_, quoted) => {
    expect(scrubDescription(`got ${quoted} ...`, [SECRET])).toBe(REDACTED);
  });

  it('may be encoded itself', () => {
    const secret = 'ab%2Fcd%2Fef';
    expect(scrubDescription('got ab/cd/ef here', [secret])).toBe(REDACTED);
  });

  it('hides the text under more layers than are looked through, and is found under as many', () => {
    let quoted = 'a b';
    for (let layers = 0; layers < 5; layers += 1) {
      quoted = encodeURIComponent(quoted);
    }
    expect(layersOf(quoted)).toHaveLength(6);
    expect(layersOf(encodeURIComponent(quoted))).toBeUndefined();
    expect(scrubDescription(encodeURIComponent(quoted), [SECRET])).toBe(REDACTED);
  });

  it.each([
    ['too short to be told from a word', 'abc'],
    ['of too few letters and digits', '-a-b-c-'],
    ['longer than any that is sent', 'a'.repeat(8_193)],
  ])('hides each text when it is %s', (_, secret) => {
    expect(scrubDescription('any text', [SECRET, secret])).toBe(REDACTED);
    expect(scrubDescription('  ', [secret])).toBeUndefined();
  });

  it.each(['abcd', 'a'.repeat(8_192)])('does not hide another text when it is as short or long as may be', (secret) => {
    expect(scrubDescription('any text', [secret])).toBe('any text');
  });

  it.each(['abcdefghijkl', 'efghijklmnop', 'ijklmnopqrst'])(
    'is as good as found where twelve letters of it stand: %s',
    (part) => {
      expect(scrubDescription(`got ${part} ...`, ['abcdefghijklmnopqrst'])).toBe(REDACTED);
    },
  );

  it('is not found where eleven of its letters stand', () => {
    expect(scrubDescription('got efghijklmno ...', ['abcdefghijklmnopqrst'])).toBe('got efghijklmno ...');
  });
});

describe('An encoding', () => {
  it.each<[string, string]>([
    ['%41%c3%a9', 'Aé'],
    ['%41%ff', 'A%ff'],
    [String.raw`\u0041\u{42}\x43\"`, 'ABC"'],
    [String.raw`a\nb\tc`, 'a b c'],
    ['&#65;&#x42;&#67', 'ABC'],
    ['&amp;&Semi;&bsol;&percnt;', '&;\\%'],
    ['a&zwnj;b', 'ab'],
    ['&#1114112;a&#x110000;b', 'ab'],
  ])('is taken off: %s', (encoded, plain) => {
    expect(layersOf(encoded)?.[1]).toBe(plain);
  });

  it.each(['plain', '100 % of it', 'a & b', String.raw`a\qb`, '&#;', '%4'])('is none: %s', (text) => {
    expect(layersOf(text)).toEqual([text]);
  });
});

describe('An error code', () => {
  it.each(['invalid_client', 'a', 'rate_limited'])('is shown: %s', (code) => {
    expect(readErrorCode(code, [SECRET])).toBe(code);
  });

  it.each([
    ['of another form', 'Invalid client'],
    ['that begins otherwise', '_invalid'],
    ['with a digit', 'error_1'],
    ['of several lines', 'invalid\nclient'],
    ['that is too long', 'a'.repeat(65)],
    ['of another type', 401],
    ['that would be a text', { toString: () => 'invalid_client' }],
  ])('is not shown: one %s', (_, code) => {
    expect(readErrorCode(code, [])).toBeUndefined();
  });

  it('may have 64 letters', () => {
    expect(readErrorCode('a'.repeat(64), [])).toBe('a'.repeat(64));
  });

  it('is not shown where it is a secret, or has one in it', () => {
    expect(readErrorCode('my_own_secret', ['my_own_secret'])).toBeUndefined();
    expect(readErrorCode('not_my_own_secret', ['my-own-secret'])).toBeUndefined();
    expect(readErrorCode('invalid_client', ['invalid_client'])).toBeUndefined();
  });

  it('of RFC 6749 is shown though a client id is a part of it', () => {
    expect(readErrorCode('invalid_client', ['client'])).toBe('invalid_client');
    expect(readErrorCode('unknown_client', ['client'])).toBeUndefined();
  });
});
