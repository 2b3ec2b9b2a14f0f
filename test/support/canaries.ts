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

/** Plain, URL-encoded in both ways, escaped in JSON and by `inspect`, and in base64. */
function formsOf(secret: string): Set<string> {
  return new Set([
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ secret }).toString().slice('secret='.length),
    JSON.stringify(secret).slice(1, -1),
    JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    inspect(secret).slice(1, -1),
    ...base64Forms(secret),
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
