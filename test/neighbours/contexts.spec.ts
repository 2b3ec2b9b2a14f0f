import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The output of the program. */
async function printedBy<T>(program: string, ...args: string[]): Promise<T> {
  const { stdout } = await run(process.execPath, [`test/neighbours/programs/${program}.mjs`, ...args], {
    timeout: 20_000,
  });
  return JSON.parse(stdout) as T;
}

describe('nestjs-cls', () => {
  it('keeps the context of a request for that request alone', async () => {
    const { calls, events, credentials } = await printedBy<Record<'calls' | 'events' | 'credentials', string[]>>('cls');
    expect(calls).toEqual(['Alice', 'Alice', 'Bob', 'Bob']);
    expect(events.length).toBeGreaterThan(5);
    expect(new Set(events)).toEqual(new Set(['nobody']));
    expect(credentials.length).toBeGreaterThan(2);
    expect(new Set(credentials)).toEqual(new Set(['nobody']));
  });
});

interface Span {
  readonly by: string;
  readonly path: string;
  readonly isOfTheRequest: boolean;
}

describe('@opentelemetry/instrumentation-http and -undici', () => {
  it('trace a call as part of its request, and token requests as nobody’s', async () => {
    const spans = await printedBy<Span[]>('traced');
    const pathsOf = (instrumentation: string): string[] =>
      spans.filter(({ by, isOfTheRequest }) => by === instrumentation && isOfTheRequest).map(({ path }) => path);
    expect(pathsOf('@opentelemetry/instrumentation-http')).toEqual(['/api/fulfilment/inventory']);
    expect(pathsOf('@opentelemetry/instrumentation-undici')).toEqual(['/api/fulfilment/orders']);
    const ofTokens = spans.filter(({ path }) => path === '/oauth/token');
    expect(ofTokens.length).toBeGreaterThan(3);
    expect(ofTokens.filter(({ isOfTheRequest }) => isOfTheRequest)).toEqual([]);
  });
});

interface Sent {
  readonly seen: readonly { readonly url: string; readonly body: string }[];
  readonly data: unknown;
}

describe('axios', () => {
  it.each(['add', 'replace'])('may be set up for another backend before the package is loaded (%s)', async (how) => {
    const { seen, data } = await printedBy<Sent>('defaults-first', how);
    expect(seen.map(({ url }) => url)).toEqual(['/oauth/token', '/orders']);
    expect(seen[1]?.body).toBe('{"an":"order"}');
    expect(data).toMatchObject({ access_token: 'of-quiqup' });
    expect(JSON.stringify(seen)).not.toContain('of-our-backend');
  });
});
