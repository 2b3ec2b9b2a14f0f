import { describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import {
  accountsOptionsSchema,
  KNOWN_ACCOUNTS_OPTIONS,
  KNOWN_OPTIONS,
  optionsSchema,
  type KnownOptions,
} from '../../lib/config/quiqup-auth-options.schema.js';
import { quiqupAuthOptionsFromEnv } from '../../lib/config/index.js';
import * as errors from '../../lib/errors/index.js';
import { scheduleOf } from '../../lib/token/token-ages.js';
import { blocksOf, tableRows, withoutBackticks } from '../support/doc-pages.js';
import { messageFinder } from '../support/package-messages.js';

const page = async (name: string): Promise<string> => readFile(`docs/${name}.md`, 'utf8');

/** The rows of an interface's table, by the option's path. */
async function documented(name: string): Promise<Map<string, string[]>> {
  const text = (await page('options')).split(`<!-- options of ${name} -->`)[1]?.split('<!-- end -->')[0] ?? '';
  const [, , ...rows] = tableRows(text);
  return new Map(rows.map(([path = '', ...cells]) => [withoutBackticks(path), cells]));
}

/** Every option by its path, as the schema knows them. */
function pathsOf({ '': names, ...sections }: KnownOptions): string[] {
  return names.flatMap((name) => {
    const inner = (sections[name as keyof typeof sections] ?? []).map((each) => `${name}.${each}`);
    // A cache may be given in place of its options.
    return inner.length === 0 || name === 'cache' ? [name, ...inner] : inner;
  });
}

const valueAt = (options: unknown, path: string): unknown =>
  path.split('.').reduce((value: unknown, key) => (value as Record<string, unknown> | undefined)?.[key], options);

/** As the page shows a default that is a plain value. */
function literalOf(value: unknown): string | undefined {
  if (typeof value === 'string') {
    return `\`'${value}'\``;
  }
  const isPlain = typeof value === 'number' || typeof value === 'boolean' || Array.isArray(value);
  return isPlain ? `\`${JSON.stringify(value)}\`` : undefined;
}

function startingWith(text: string): RegExp {
  return new RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}($|[: ])`);
}

describe('docs/options.md', () => {
  it('has the options of the schema, with their real defaults', async () => {
    const required = { environment: 'mock', clientId: 'an-id', clientSecret: 'a-secret' };
    const defaults = v.parse(optionsSchema, required);
    const rows = await documented('QuiqupAuthModuleOptions');
    const paths = pathsOf(KNOWN_OPTIONS);
    expect([...rows.keys()].toSorted()).toEqual(paths.toSorted());
    for (const path of paths.filter((one) => !(one in required) && !one.startsWith('cache'))) {
      const literal = literalOf(valueAt(defaults, path));
      const [, preset = ''] = rows.get(path) ?? [];
      expect({ path, preset }).toEqual({
        path,
        preset: literal === undefined ? expect.not.stringMatching(/^`/) : expect.stringMatching(startingWith(literal)),
      });
    }
  });

  it('has the options of forAccounts, with their real defaults', async () => {
    const defaults = v.parse(accountsOptionsSchema, { environment: 'mock', resolveCredentials: () => undefined });
    const rows = await documented('QuiqupAccountsModuleOptions');
    const shared = pathsOf(KNOWN_OPTIONS);
    expect([...rows.keys()].toSorted()).toEqual(
      pathsOf(KNOWN_ACCOUNTS_OPTIONS)
        .filter((path) => !shared.includes(path))
        .toSorted(),
    );
    for (const path of ['maxAccounts', 'idleTimeout']) {
      expect(rows.get(path)?.[1]).toMatch(startingWith(literalOf(valueAt(defaults, path)) ?? 'none'));
    }
  });

  it('has the environment variables that are read, at the options that they set', async () => {
    const rows = [...(await documented('QuiqupAuthModuleOptions'))];
    const named = rows.flatMap(([path, [, , variable = '']]) =>
      variable === '' ? [] : [{ path, variable: withoutBackticks(variable) }],
    );
    const read = new Set<string>();
    quiqupAuthOptionsFromEnv({ get: (name) => void read.add(name) });
    expect(named.map(({ variable }) => variable).toSorted()).toEqual([...read].toSorted());
    for (const { path, variable } of named) {
      expect({ path, value: valueAt(quiqupAuthOptionsFromEnv({ [variable]: variable }), path) }).toEqual({
        path,
        value: variable,
      });
    }
  });
});

describe('docs/errors.md', () => {
  type AnyError = new (first: unknown, second?: unknown) => errors.QuiqupAuthError;
  const all = Object.entries(errors)
    .filter(([name]) => name.startsWith('Quiqup'))
    .map(([name, Class]) => ({ name, error: new (Class as unknown as AnyError)([], {}) }))
    // The two that others extend have none.
    .filter(({ error }) => (error.code as unknown) !== undefined);

  it('has every code, with its class and whether it is retryable', async () => {
    const rows = tableRows(await page('errors'))
      .filter(([first = '']) => first.startsWith('`QUIQUP_'))
      .map(([code = '', name = '', retryable]) => `${withoutBackticks(code)} ${withoutBackticks(name)} ${retryable}`);
    expect(all.length).toBeGreaterThan(10);
    expect(new Set(rows)).toEqual(
      new Set(all.map(({ name, error: { code, retryable } }) => `${code} ${name} ${retryable ? 'yes' : 'no'}`)),
    );
  });

  it('says of each what it means, where it comes from and what to do', async () => {
    const sections = (await page('errors')).split(/^### /m).slice(1);
    expect(new Set(sections.map((section) => section.split('\n', 1)[0]))).toEqual(
      new Set(all.map(({ error }) => error.code)),
    );
    for (const section of sections) {
      expect([...section.matchAll(/^- \*\*(.+?):\*\* \S/gm)].map(([, word]) => word)).toEqual([
        'Meaning',
        'Cause',
        'Remedy',
        'Asked again',
      ]);
    }
  });
});

describe('docs/troubleshooting.md', () => {
  it('quotes what the package says, word for word', async () => {
    const isSaid = messageFinder();
    const quoted = (await blocksOf('docs/troubleshooting.md'))
      .filter(({ language }) => language === 'text')
      .flatMap(({ text }) => text.trimEnd().split('\n'));
    expect(quoted.length).toBeGreaterThan(15);
    // The path of an option comes before its problem.
    expect(quoted.filter((line) => !isSaid(line) && !isSaid(line.replace(/^[\w.]+: /, '')))).toEqual([]);
    expect(isSaid('The token store is quite well.')).toBe(false);
  });
});

describe('docs/how-it-works.md', () => {
  const UNITS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3_600, d: 86_400 };
  const secondsIn = (text: string): number =>
    [...text.matchAll(/([\d.]+) (s|min|h|d)\b/g)].reduce(
      (sum, [, count, unit = '']) => sum + Number(count) * (UNITS[unit] ?? NaN),
      0,
    );

  it('says when tokens become stale and expiring, as the defaults have it', async () => {
    const { refresh } = v.parse(optionsSchema, { environment: 'mock', clientId: 'an-id', clientSecret: 'a-secret' });
    const rows = tableRows(await page('how-it-works')).filter(([lifetime = '']) => /^\d+ (s|h|d)$/.test(lifetime));
    expect(rows.length).toBeGreaterThan(3);
    for (const [lifetime = '', stale = '', expiring = ''] of rows) {
      const answer = { requestedAt: 0, lifetimeMs: secondsIn(lifetime) * 1_000 };
      const late = scheduleOf(answer, answer.requestedAt, refresh, () => 0);
      const early = scheduleOf(answer, answer.requestedAt, refresh, () => 1);
      const written = [...stale.split(' to '), expiring].map(secondsIn);
      const real = [early.staleAt, late.staleAt, late.expiringAt].map((ms) => Math.round(ms) / 1_000);
      expect({ lifetime, written }).toEqual({ lifetime, written: real });
    }
  });
});
