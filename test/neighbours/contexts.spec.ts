import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What the program printed. */
async function printedBy<T>(program: string): Promise<T> {
  const { stdout } = await run(process.execPath, [`test/neighbours/programs/${program}.mjs`], { timeout: 20_000 });
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

describe('@opentelemetry/instrumentation-http', () => {
  it('traces a call as part of its request, and token requests as nobody’s', async () => {
    const spans = await printedBy<Span[]>('traced');
    const ofHttp = spans.filter(({ by }) => by === '@opentelemetry/instrumentation-http');
    expect(ofHttp.filter(({ isOfTheRequest }) => isOfTheRequest).map(({ path }) => path)).toEqual([
      '/api/fulfilment/inventory',
    ]);
    const ofTokens = spans.filter(({ path }) => path === '/oauth/token');
    expect(ofTokens.length).toBeGreaterThan(3);
    expect(ofTokens.filter(({ isOfTheRequest }) => isOfTheRequest)).toEqual([]);
  });
});
