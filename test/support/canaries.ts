import { inspect } from 'node:util';
import { printsOf, textsIn } from './find-secret.js';

/** As it stands in base64, wherever in a longer text it begins: without the ends, which depend on its neighbours. */
function base64Forms(secret: string): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]);
    const inner = shifted.toString('base64').slice(offset === 0 ? 0 : 4, -4);
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function eachCharacter(secret: string, encode: (character: string) => string): string {
  return Array.from(secret).map(encode).join('');
}

const hexOf = (character: string): string => (character.codePointAt(0) ?? 0).toString(16);

/** The encodings of gateways and pages that quote a request. */
export const QUOTING: Readonly<Record<string, (secret: string) => string>> = {
  'as it is': (secret) => secret,
  'in percent': encodeURIComponent,
  'in lower-case percent': (secret) =>
    encodeURIComponent(secret).replace(/%[\dA-F]{2}/g, (escaped) => escaped.toLowerCase()),
  'in double percent': (secret) => encodeURIComponent(encodeURIComponent(secret)),
  'in percent through and through': (secret) => Buffer.from(secret).toString('hex').replace(/../g, '%$&'),
  'in JSON': (secret) =>
    JSON.stringify(secret)
      .slice(1, -1)
      .replaceAll('/', String.raw`\/`),
  'in escapes': (secret) =>
    Array.from(
      { length: secret.length },
      (_none, at) => String.raw`\u${secret.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  'in HTML entities': (secret) => eachCharacter(secret, (one) => `&#x${hexOf(one)};`),
  'in decimal HTML entities': (secret) => eachCharacter(secret, (one) => `&#${one.codePointAt(0)};`),
  'in base64': (secret) => Buffer.from(secret).toString('base64'),
  'split by zero-width characters': (secret) => Array.from(secret).join('\u200b'),
  'split by dashes': (secret) => Array.from(secret).join('-'),
};

/** Plain, URL-encoded in both ways, escaped in JSON and by `inspect`, in base64, and as others quote it. */
function formsOf(secret: string): Set<string> {
  return new Set([
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ secret }).toString().slice('secret='.length),
    JSON.stringify(secret).slice(1, -1),
    JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    inspect(secret).slice(1, -1),
    ...base64Forms(secret),
    ...Object.values(QUOTING).map((quote) => quote(secret)),
  ]);
}

/** Looks for secrets, in every form, in all that leaves the module. */
export class Canaries {
  private readonly forms = new Map<string, string>();
  private passing = new Map<string, string>();
  private readonly found: string[] = [];
  private searchedBytes = 0;
  private readonly searchedPaths = new Set<string>();

  add(name: string, secret: string): void {
    formsOf(secret).forEach((form) => this.forms.set(form, name));
  }

  /** A secret that only the paths until the next {@link forgetPassing} can meet. */
  addPassing(name: string, secret: string): void {
    formsOf(secret).forEach((form) => this.passing.set(form, name));
  }

  forgetPassing(): void {
    this.passing = new Map();
  }

  /**
   * @param path what led to it
   * @param values of any kind: printed in every way, and followed property by property
   */
  search(path: string, values: Readonly<Record<string, unknown>>): void {
    this.searchedPaths.add(path);
    const forms = [...this.forms, ...this.passing];
    for (const [what, value] of Object.entries(values)) {
      const texts = typeof value === 'string' ? [value] : [...Object.values(printsOf(value)), ...textsIn(value)];
      for (const text of texts) {
        this.searchedBytes += Buffer.byteLength(text);
        for (const [form, name] of forms) {
          if (text.includes(form)) {
            this.found.push(`${path}: ${name} in ${what}`);
          }
        }
      }
    }
  }

  /** Where secrets were found, once each. */
  get hits(): string[] {
    return [...new Set(this.found)];
  }

  get paths(): number {
    return this.searchedPaths.size;
  }

  get bytes(): number {
    return this.searchedBytes;
  }
}
