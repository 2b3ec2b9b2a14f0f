import { afterEach, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { holdClock, releaseClock, turnClock } from './support/clock.js';
import { AGES, outcomeTables, OUTCOMES, withoutPadding, type Age } from './support/fault-outcomes.js';
import { waysTo } from './support/find-secret.js';
import { QuiqupApp } from './support/quiqup-app.js';
import { TOKEN_ENDPOINT_FAULTS, type TokenEndpointFault } from './support/token-endpoint-faults.js';

const S = 1_000;
const HOUR_S = 3_600;
/** How old a token that lives an hour is at each age. */
const SECONDS_AT: Readonly<Record<Exclude<Age, 'cold'>, number>> = {
  fresh: 10,
  stale: 0.85 * HOUR_S,
  expiring: HOUR_S - 30,
  expired: HOUR_S + 1,
};
/** Beyond every pause after a first failure. */
const PAUSES_ARE_OVER_MS = 61 * S;
/** The real time for a fault's own steps and the network, before the clock advances. */
const REAL_STEP_MS = 10;

let quiqup: QuiqupApp;

/** Turns the clock through the pauses between requests, and as little as can be while one is under way. */
async function settle<T>(work: Promise<T>): Promise<T> {
  const state = { isSettled: false };
  const settled = work.finally(() => (state.isSettled = true));
  settled.catch(() => undefined);
  for (;;) {
    const answered = quiqup.events.filter(({ type }) => type === 'token-request').length;
    const isAsking = quiqup.tokenRequests > answered;
    await pause(isAsking ? REAL_STEP_MS : 0);
    if (state.isSettled) {
      return settled;
    }
    await turnClock(isAsking ? 20 : 250);
  }
}

/** The token that a call gets, or the error. */
const call = (): Promise<unknown> => settle(quiqup.tokens.getAccessToken().catch((error: unknown) => error));

async function endFault(): Promise<void> {
  await settle(quiqup.settled());
  await quiqup.simulator.stop();
  quiqup.simulator.clockOffset = 0;
  await quiqup.simulator.start();
  await turnClock(PAUSES_ARE_OVER_MS);
}

async function tryAt(age: Age, fault: TokenEndpointFault): Promise<void> {
  const inHand = age === 'cold' ? undefined : await settle(quiqup.tokens.refresh());
  if (age !== 'cold') {
    await turnClock(SECONDS_AT[age] * S);
  }
  const before = quiqup.tokenRequests;
  fault.apply(quiqup.simulator, Infinity);
  const { gets, requests } = OUTCOMES[fault.outcome][age];

  const got = await call();
  await settle(quiqup.settled());
  const made = quiqup.tokenRequests - before;
  expect({ age, made }).toEqual({ age, made: Math.min(Math.max(made, requests[0]), requests[1]) });
  switch (gets) {
    case 'the token in hand':
      expect({ age, got }).toEqual({ age, got: inHand });
      break;
    case 'the new token':
      expect({ age, got }).toEqual({ age, got: expect.stringMatching(/^[\da-f]{64}$/) });
      expect(got).not.toBe(inHand);
      expect(quiqup.simulator.isValid(got as string)).toBe(true);
      break;
    case 'the error':
      expect(got).toMatchObject({ code: 'code' in fault ? fault.code : undefined });
      expect(waysTo('simulated-secret', got)).toEqual([]);
  }
  await endFault();
  expect(await call()).toEqual(expect.stringMatching(/^[\da-f]{64}$/));
}

describe.each(TOKEN_ENDPOINT_FAULTS)('While the token endpoint answers with $name', (fault) => {
  afterEach(async () => {
    releaseClock();
    await quiqup.stop();
  });

  it('calls get what the table says, at every age of the token, and the next token when it is over', async () => {
    const isTimeout = 'code' in fault && fault.code === 'QUIQUP_TOKEN_REQUEST_TIMEOUT';
    holdClock();
    quiqup = await QuiqupApp.start({
      simulator: { lifetime: HOUR_S },
      module: {
        // This tests the part of the calls. Without them there would be no request.
        refresh: { enabled: false },
        ...(isTimeout && { timeouts: { tokenRequest: 150 } }),
      },
    });
    for (const age of AGES) {
      await tryAt(age, fault);
    }
    expect(quiqup.log.lines.filter((line) => line.includes('simulated-secret'))).toEqual([]);
  });
});

describe('docs/failures.md', () => {
  it('states the same tables', async () => {
    const page = withoutPadding(await readFile('docs/failures.md', 'utf8'));
    for (const table of outcomeTables()) {
      expect(page).toContain(withoutPadding(table));
    }
  });
});
