import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { holdClock, releaseClock, turnClock, turnUntilSettled } from './support/clock.js';
import { eventually } from './support/eventually.js';
import { QuiqupApp } from './support/quiqup-app.js';

let quiqup: QuiqupApp;

beforeEach(async () => {
  holdClock();
  quiqup = await QuiqupApp.start();
});
afterEach(async () => {
  releaseClock();
  await quiqup.stop();
});

const outcomeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'a token',
    (error: { code: string }) => error.code,
  );

describe('A caller who joins a renewal late', () => {
  it('has a wait of its own when that renewal gives up', async () => {
    quiqup.simulator.failNext({ on: 'token', status: 503, times: 3 });
    const first = outcomeOf(quiqup.tokens.getAccessToken());
    await eventually(() => quiqup.tokenRequests === 1, 'the first try failed');
    // A process that stands still wakes up with the renewal that it was in the middle of.
    await turnClock(1_100);
    const late = outcomeOf(quiqup.tokens.getAccessToken());
    expect(await turnUntilSettled(first)).toBe('QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE');
    expect(await turnUntilSettled(late)).toBe('a token');
  });

  it('gets the same error as all others when it asked in the same moment', async () => {
    quiqup.simulator.failNext({ on: 'token', status: 503, times: 3 });
    const calls = Array.from({ length: 5 }, () => outcomeOf(quiqup.tokens.getAccessToken()));
    expect(new Set(await turnUntilSettled(Promise.all(calls)))).toEqual(new Set(['QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE']));
    expect(quiqup.tokenRequests).toBe(3);
  });
});
