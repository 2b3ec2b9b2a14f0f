import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { docPages } from '../support/doc-pages.js';

type Api = 'platform' | 'last-mile';

/** A path in the documentation. */
interface NamedPath {
  readonly where: string;
  readonly method: string;
  /** The API of the path; `undefined` if the text names none. */
  readonly api: Api | undefined;
  readonly path: string;
}

const PLATFORM_HOST = /^platform-api\./;
const QUIQUP_URL = /https:\/\/((?:platform-api|api)(?:-ae)?(?:\.staging)?\.quiqup\.com)(\/[\w/{}$.()-]+)/g;
/** `quiqup.lastMile.axiosRef.post<Order>('/orders', …)`, over line breaks too. */
const CALL = /([\w.[\]']+)\s*\.\s*(get|post|put|delete)(?:<[^()]*?>)?\(\s*['"`](\/[^'"`\s]+)['"`]/g;
const PROSE = /`(?:(GET|POST|PUT) )?(\/(?:api\/|orders|order_label|oauth\/)[^`\s…]*)`/g;
const CURL = /"\$BASE_URL(\/[\w/]+)"/g;

const apiOf = (host: string): Api => (PLATFORM_HOST.test(host) ? 'platform' : 'last-mile');

function pathsIn(where: string, text: string): NamedPath[] {
  const base = /baseURL:[^\n]*https:\/\/([\w.-]+)/.exec(text)?.[1];
  const ownApi: Api = base === undefined ? 'platform' : apiOf(base);
  return [
    ...[...text.matchAll(QUIQUP_URL)].map(([, host = '', path = '']) => ({
      where,
      method: path.endsWith('/oauth/token') ? 'POST' : 'GET',
      api: apiOf(host),
      path,
    })),
    ...[...text.matchAll(CALL)].map(([, receiver = '', method = '', path = '']) => ({
      where,
      method: method.toUpperCase(),
      api: receiver.includes('lastMile') ? ('last-mile' as const) : ownApi,
      path,
    })),
    ...[...text.matchAll(CURL)].map(([, path = '']) => ({
      where,
      method: path === '/oauth/token' ? 'POST' : 'GET',
      api: ownApi,
      path,
    })),
    ...[...text.matchAll(PROSE)].map(([, method, path = '']) => ({
      where,
      method: method ?? (path === '/oauth/token' ? 'POST' : 'GET'),
      api: undefined,
      path,
    })),
  ];
}

/** The blocks of a page or a source, so that a base URL counts only for its own snippet. */
async function readerTexts(): Promise<{ where: string; text: string }[]> {
  const pages = await Promise.all(
    (await docPages()).map(async (page) =>
      (await readFile(page, 'utf8')).split(/^```.*$/m).map((text, index) => ({ where: `${page} ${index}`, text })),
    ),
  );
  const sources = (await readdir('lib', { recursive: true })).filter((file) => file.endsWith('.ts'));
  const comments = await Promise.all(
    sources.map(async (file) => {
      const text = await readFile(join('lib', file), 'utf8');
      return [...text.matchAll(/\/\*\*.*?\*\//gs)].map(([comment]) => ({ where: `lib/${file}`, text: comment }));
    }),
  );
  return [...pages, ...comments].flat();
}

let simulator: QuiqupSimulator;
let accessToken: string;

beforeAll(async () => {
  simulator = await new QuiqupSimulator().start();
  const [{ clientId: client_id, clientSecret: client_secret }] = simulator.clients;
  const response = await fetch(`${simulator.url}oauth/token`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ client_id, client_secret, grant_type: 'client_credentials' }),
  });
  accessToken = ((await response.json()) as { access_token: string }).access_token;
});
afterAll(() => simulator.stop());

/** Whether the host has the path. The answer to an unknown id does not matter. */
async function exists(api: Api, { method, path }: NamedPath): Promise<boolean> {
  const base = api === 'platform' ? simulator.url : simulator.lastMileUrl;
  const concrete = path.replaceAll(/\$\{[^}]*\}|\{\w+\}/g, '1').replace(/[.)]+$/, '');
  const response = await fetch(new URL(concrete, base), {
    method,
    headers: { Authorization: `Bearer ${accessToken}`, 'Content-Type': 'application/json' },
    ...(method !== 'GET' && { body: '{}' }),
  });
  return !(await response.text()).includes('endpoint not found');
}

describe("Every path of Quiqup's that the documentation names", () => {
  it('exists on the host that it is called on', async () => {
    const named = (await readerTexts()).flatMap(({ where, text }) => pathsIn(where, text));
    const missing = [];
    for (const one of named) {
      const apis: readonly Api[] = one.api === undefined ? ['platform', 'last-mile'] : [one.api];
      const found = await Promise.all(apis.map((api) => exists(api, one)));
      if (!found.includes(true)) {
        missing.push(one);
      }
    }
    expect(missing).toEqual([]);
    // In all three kinds of places, or the patterns have lost sight of them.
    const places = new Set(named.map(({ where }) => where.split(/[ /]/)[0]));
    expect([...places]).toEqual(expect.arrayContaining(['README.md', 'docs', 'lib']));
    expect(named.length).toBeGreaterThan(25);
  });

  it('is missed when it is not there', async () => {
    const wrong = [
      ...pathsIn('', "this.quiqup.post('/orders', order)"),
      ...pathsIn('', 'https://api-ae.quiqup.com/api/fulfilment/orders'),
      ...pathsIn('', 'quiqup.lastMile.axiosRef.get<Order>(`/labels/${id}`)'),
    ];
    expect(await Promise.all(wrong.map((one) => exists(one.api ?? 'platform', one)))).toEqual([false, false, false]);
  });
});
