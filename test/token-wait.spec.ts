import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  QuiqupCredentialsRefusedError,
  QuiqupShutDownError,
  QuiqupTokenWaitTimeoutError,
} from '../lib/errors/index.js';
import type { HeldToken } from '../lib/token/held-token.js';
import type { TokenRenewal } from '../lib/token/token-renewal.js';
import { TokenWait } from '../lib/token/token-wait.js';
import { deferred, type Deferred } from './support/deferred.js';
import { ManualClock } from './support/manual-clock.js';
import { outcomeOf } from './support/virtual-instances.js';

const S = 1_000;
const TOKEN = { accessToken: 'a-token' } as HeldToken;
const passing = new QuiqupTokenWaitTimeoutError('passing');
const retryable = Object.assign(new QuiqupShutDownError('passing'), { retryable: true });
const lasting = new QuiqupCredentialsRefusedError('refused', {});

let clock: ManualClock;
let flights: Deferred<HeldToken>[];
let asked: unknown[][];
let runningForMs: number;
beforeEach(() => {
  clock = new ManualClock();
  flights = [];
  asked = [];
  runningForMs = 0;
});

/** The flights one after another, as a test ends them. */
function waitOf(signal?: AbortSignal): TokenWait {
  const renewal = {
    get runningForMs() {
      return runningForMs;
    },
    renew: (...args: unknown[]) => {
      asked.push(args);
      const flight = deferred<HeldToken>();
      flights.push(flight);
      return flight.promise;
    },
  } as unknown as TokenRenewal;
  return new TokenWait(renewal, { limitMs: 10 * S, signal, clock });
}

describe('A wait for a token', () => {
  it('ends with the flight that it joins', async () => {
    const wait = outcomeOf(waitOf().renew('rejection', true));
    flights[0]?.resolve(TOKEN);
    expect(await wait).toBe(TOKEN);
    expect(asked).toEqual([['rejection', true]]);
  });

  it('does not overdraw the budget unless it says so', async () => {
    const wait = outcomeOf(waitOf().renew('call'));
    flights[0]?.resolve(TOKEN);
    await wait;
    expect(asked).toEqual([['call', false]]);
  });

  it.each([
    ['a passing failure of a flight that began before', 1_001, retryable, 2],
    ['a passing failure of a flight that began shortly before', 1_000, retryable, 1],
    ['a lasting failure', 5_000, lasting, 1],
    ['a failure of another kind', 5_000, new Error('another'), 1],
    ['the end of a wait', 5_000, passing, 1],
  ])('after %s, joined %d ms late, has %s flights', async (_, lateMs, failure, count) => {
    runningForMs = lateMs;
    const wait = outcomeOf(waitOf().renew('call'));
    flights[0]?.reject(failure);
    await clock.turn(0);
    expect(flights).toHaveLength(count);
    flights[1]?.resolve(TOKEN);
    expect(await wait).toBe(count === 2 ? TOKEN : ((failure as { code?: string }).code ?? failure.message));
  });

  it('has one limit for all its flights', async () => {
    runningForMs = 5 * S;
    const wait = outcomeOf(waitOf().renew('call'));
    await clock.turn(6 * S);
    flights[0]?.reject(retryable);
    await clock.turn(3_999);
    let isOver = false;
    void wait.then(() => (isOver = true));
    await clock.turn(0);
    expect(isOver).toBe(false);
    await clock.turn(1);
    expect(await wait).toBe('QUIQUP_TOKEN_WAIT_TIMEOUT');
    expect(clock.pending).toBe(0);
  });

  it('ends when its caller leaves', async () => {
    const controller = new AbortController();
    const wait = outcomeOf(waitOf(controller.signal).renew('call'));
    controller.abort(new Error('gone'));
    expect(await wait).toBe('gone');
  });
});
