import { describe, expect, it } from '@jest/globals';
import type { InternalAxiosRequestConfig } from 'axios';
import { fetchedBy, overheard } from '../lib/http/watched-fetch.js';

type Fetch = typeof globalThis.fetch;

const configOf = (own: object): InternalAxiosRequestConfig => ({ headers: {}, ...own }) as InternalAxiosRequestConfig;
const HERE = 'https://api.example/orders';

const fetchThatGives =
  (status: number, own: { readonly redirected?: boolean; readonly url?: string } = {}): Fetch =>
  () =>
    Promise.resolve(Object.defineProperties(new Response('', { status }), Object.getOwnPropertyDescriptors(own)));

function fetchOf(own: object): Fetch {
  const { env } = overheard(configOf(own));
  return env?.fetch as Fetch;
}

describe('A call by fetch', () => {
  it.each<[string, object, boolean]>([
    ['is heard', { adapter: 'fetch' }, true],
    ['is heard where its adapter is the first that there is', { adapter: ['xhr', 'fetch', 'http'] }, true],
    ['is heard where its response is limited', { adapter: ['xhr', 'http', 'fetch'], maxContentLength: 0 }, true],
    ['is none by another adapter', { adapter: ['xhr', 'http', 'fetch'] }, false],
    ['is none by a function', { adapter: () => undefined, maxContentLength: -1 }, false],
    ['is none where nobody names it', {}, false],
  ])('%s', (_, own, isHeard) => {
    const config = configOf(own);
    const chosen = overheard(config);
    expect(chosen === config).toBe(!isHeard);
    expect(chosen.env?.fetch !== undefined).toBe(isHeard);
  });

  it('keeps all else of its config', () => {
    const config = configOf({ adapter: 'fetch', url: HERE, env: { Request, Response } });
    expect(overheard(config)).toMatchObject({ url: HERE, env: { Request, Response } });
  });

  it('has one fetch for each of the application’s own, for axios remembers them', () => {
    const own = fetchThatGives(200);
    expect(fetchOf({ adapter: 'fetch', env: { fetch: own } })).toBe(fetchOf({ adapter: 'fetch', env: { fetch: own } }));
    expect(fetchOf({ adapter: 'fetch' })).toBe(fetchOf({ adapter: 'fetch' }));
    expect(fetchOf({ adapter: 'fetch', env: { fetch: own } })).not.toBe(fetchOf({ adapter: 'fetch' }));
  });

  it.each<[string, Fetch, object]>([
    ['a response', fetchThatGives(401), { status: 401, isFromElsewhere: false }],
    [
      'a response after a redirect within the origin',
      fetchThatGives(200, { redirected: true, url: 'https://api.example/moved' }),
      { status: 200, isFromElsewhere: false },
    ],
    [
      'a response of another origin',
      fetchThatGives(401, { redirected: true, url: 'https://elsewhere.example/' }),
      { status: 401, isFromElsewhere: true },
    ],
    [
      'a response of nowhere',
      fetchThatGives(200, { redirected: true, url: '' }),
      { status: 200, isFromElsewhere: true },
    ],
    [
      'a response that only says that it is of elsewhere',
      fetchThatGives(200, { redirected: false, url: 'https://elsewhere.example/' }),
      { status: 200, isFromElsewhere: false },
    ],
  ])('knows of its request: %s', async (_, own, known) => {
    const watched = fetchOf({ adapter: 'fetch', env: { fetch: own } });
    const inputs = [new Request(HERE), new URL(HERE)];
    for (const input of inputs) {
      await watched(input);
      expect(fetchedBy(input)).toEqual(known);
    }
    expect((await watched(HERE)).status).toBe(known['status' as never]);
  });

  it('is heard by the fetch of the runtime, as it is at that time', async () => {
    const before = globalThis.fetch;
    globalThis.fetch = fetchThatGives(203);
    const request = new Request(HERE);
    await fetchOf({ adapter: 'fetch' })(request);
    globalThis.fetch = before;
    expect(fetchedBy(request)).toEqual({ status: 203, isFromElsewhere: false });
  });

  it('knows nothing of what it did not send', () => {
    expect([fetchedBy(new Request(HERE)), fetchedBy(undefined), fetchedBy(null), fetchedBy(HERE)]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
