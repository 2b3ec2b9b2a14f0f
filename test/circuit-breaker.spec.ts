import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ConnectionClosedError } from '../lib/store/connection-errors.js';
import { StoreCircuitBreaker, type StoreCircuitBreakerOptions } from '../lib/store/store-circuit-breaker.js';
import { StoreLog } from '../lib/store/store-log.js';
import type { StoreListener } from '../lib/store/store-state.js';
import { withDeadline } from '../lib/time/index.js';
import { deferred } from './support/deferred.js';
import { HandClock } from './support/hand-clock.js';
import { RecordedLog } from './support/recorded-log.js';

const S = 1_000;
/** The deadline of a command. */
const LIMIT_MS = 400;

let clock: HandClock;
let log: RecordedLog;
let events: Parameters<StoreListener>[0][];
/** When a probe was sent, in ms after the start. */
let probes: number[];
let probe: () => Promise<void>;

function breakerWith(options: Partial<StoreCircuitBreakerOptions> = {}): StoreCircuitBreaker {
  const startedAt = clock.now();
  return new StoreCircuitBreaker({
    log: new StoreLog(),
    clock,
    listener: (event) => events.push(event),
    probe: () => {
      probes.push(clock.now() - startedAt);
      return probe();
    },
    ...options,
  });
}

/** A command without an answer, but with its deadline. */
const never = (): Promise<never> => withDeadline(new Promise<never>(() => undefined), LIMIT_MS, clock);
const refuse = (): Promise<never> => Promise.reject(new Error('LOADING the data set'));
const closed = (): Promise<never> => Promise.reject(new ConnectionClosedError());
const answer = (): Promise<void> => Promise.resolve();

beforeEach(() => {
  clock = new HandClock();
  log = new RecordedLog();
  Logger.overrideLogger(log);
  events = [];
  probes = [];
  probe = refuse;
});

describe('A store that answers', () => {
  it.each([undefined, null, false, 'a value'])('is passed on: %j', async (value) => {
    const breaker = breakerWith();
    expect(await breaker.run(() => Promise.resolve(value))).toEqual({ value });
    expect(breaker).toMatchObject({ isLost: false, lostForMs: undefined });
  });

  it('is never probed', async () => {
    const breaker = breakerWith();
    await breaker.run(answer);
    await clock.turn(60 * S);
    await breaker.reach();
    expect([probes, events, log.lines]).toEqual([[], [], []]);
    expect(clock.pending).toBe(0);
  });
});

describe('A store is lost', () => {
  it.each<[string, () => Promise<unknown>, string]>([
    ['rejects', refuse, 'LOADING'],
    [
      'throws',
      () => {
        throw new Error('READONLY and at once');
      },
      'READONLY',
    ],
    ['rejects with what is no error', () => Promise.reject('text'), 'unknown error'],
    ['does not answer in time', never, `no answer within ${LIMIT_MS} ms`],
  ])('with a command that %s, which is said once', async (_how, command, reason) => {
    const breaker = breakerWith();
    const result = breaker.run(command);
    await clock.turn(LIMIT_MS);
    expect(await result).toBeUndefined();
    expect(breaker.isLost).toBe(true);
    expect(breaker.lostForMs).toBe(command === never ? 0 : LIMIT_MS);
    expect(events).toEqual([{ type: 'store-lost', reason }]);
    expect(log.lines).toEqual([
      `warn [QuiqupAuthStore] The token store does not answer (${reason}). The module continues from memory until it is back.`,
    ]);
  });

  it('once, however many commands were under way', async () => {
    const breaker = breakerWith();
    const since = clock.now();
    const commands = [refuse, refuse, never].map((command) => breaker.run(command));
    await clock.turn(LIMIT_MS);
    expect(await Promise.all(commands)).toEqual([undefined, undefined, undefined]);
    expect(events).toHaveLength(1);
    expect(breaker.lostForMs).toBe(clock.now() - since);
    // Nor does a later failure put the probe off.
    await clock.turn(S - LIMIT_MS);
    expect(probes).toEqual([S]);
  });

  it('and is sent no command', async () => {
    const breaker = breakerWith();
    await breaker.run(refuse);
    let sent = 0;
    const command = (): Promise<void> => {
      sent += 1;
      return answer();
    };
    expect(await breaker.run(command)).toBeUndefined();
    expect(sent).toBe(0);
  });

  it('and keeps no process alive', async () => {
    const breaker = breakerWith();
    await breaker.run(refuse);
    await clock.turn(10 * S);
    expect(clock.pending).toBe(1);
    expect(clock.keepingProcess).toBe(0);
    expect(breaker.isLost).toBe(true);
  });
});

describe('A lost store is probed', () => {
  it('after 1 s, doubling to 5 s, for as long as it takes', async () => {
    const breaker = breakerWith();
    const since = clock.now();
    await breaker.run(refuse);
    await clock.turn(30 * S);
    expect(probes).toEqual([1, 3, 7, 12, 17, 22, 27].map((s) => s * S));
    expect(breaker.lostForMs).toBe(clock.now() - since);
    expect(events).toHaveLength(1);
  });

  it('and the pause counts from the end of a probe that had no answer', async () => {
    const breaker = breakerWith();
    probe = never;
    await breaker.run(refuse);
    await clock.turn(5 * S);
    expect(probes).toEqual([S, 3 * S + LIMIT_MS]);
    expect(breaker.isLost).toBe(true);
  });

  it('and is back when a probe succeeds, which is said once', async () => {
    const breaker = breakerWith();
    await breaker.run(refuse);
    await clock.turn(2 * S);
    probe = answer;
    await clock.turn(S);
    expect(breaker).toMatchObject({ isLost: false, lostForMs: undefined });
    expect(await breaker.run(() => Promise.resolve('an answer'))).toEqual({ value: 'an answer' });
    expect(events.map(({ type }) => type)).toEqual(['store-lost', 'store-back']);
    expect(log.lines.at(-1)).toBe('log [QuiqupAuthStore] The token store is back.');
    await clock.turn(60 * S);
    expect(probes).toHaveLength(2);
  });

  it('from 1 s on again when it is lost again', async () => {
    const breaker = breakerWith();
    await breaker.run(refuse);
    await clock.turn(7 * S - 1);
    probe = answer;
    await clock.turn(1);
    probe = refuse;
    await breaker.run(refuse);
    expect(breaker.lostForMs).toBe(0);
    probes = [];
    await clock.turn(3 * S);
    expect(probes).toEqual([8 * S, 10 * S]);
    expect(events.map(({ type }) => type)).toEqual(['store-lost', 'store-back', 'store-lost']);
  });

  it('and is told of each probe that failed, before the pause begins', async () => {
    const told: number[] = [];
    let finish!: () => void;
    const breaker = breakerWith({
      onProbeFailed: () => {
        told.push(clock.now());
        return new Promise((resolve) => (finish = resolve));
      },
    });
    await breaker.run(refuse);
    await clock.turn(S);
    expect(told).toHaveLength(1);
    await clock.turn(10 * S);
    expect(probes).toEqual([S]);
    finish();
    await clock.turn(2 * S);
    expect(probes).toEqual([S, 13 * S]);
    finish();
    probe = answer;
    await clock.turn(4 * S);
    expect(told).toHaveLength(2);
    expect(breaker.isLost).toBe(false);
  });

  it('all the same when what is told of it fails', async () => {
    const breaker = breakerWith({ onProbeFailed: refuse });
    await breaker.run(refuse);
    await clock.turn(3 * S);
    expect(probes).toEqual([S, 3 * S]);
    expect(breaker.isLost).toBe(true);
  });

  it('no more once it was stopped, not even after the probe under way', async () => {
    const waiting = breakerWith();
    const probing = breakerWith();
    await Promise.all([waiting.run(refuse), probing.run(refuse)]);
    await waiting.stop();
    probe = never;
    await clock.turn(S);
    await probing.stop();
    expect(probes).toEqual([S]);
    await clock.turn(60 * S);
    expect(probes).toEqual([S]);
    expect(clock.pending).toBe(0);
  });
});

describe('At the end of the application', () => {
  it('what is under way ends, and nothing is sent after it', async () => {
    const breaker = breakerWith();
    const { promise, resolve: finish } = deferred<string>();
    const underWay = breaker.run(() => promise);
    let isStopped = false;
    const stopped = breaker.stop().then(() => (isStopped = true));
    await clock.turn(S);
    expect(isStopped).toBe(false);
    finish('an answer');
    expect(await underWay).toEqual({ value: 'an answer' });
    await clock.turn(0);
    await stopped;
    let sent = 0;
    expect(await breaker.run(() => Promise.resolve((sent += 1)))).toBeUndefined();
    expect([sent, breaker.isLost]).toEqual([0, false]);
  });

  it('what follows from a command under way is sent as well', async () => {
    const breaker = breakerWith();
    const { promise, resolve: finish } = deferred<undefined>();
    const following = breaker.run(() => promise).then(() => breaker.run(() => Promise.resolve('the next')));
    const stopped = breaker.stop();
    await clock.turn(0);
    finish(undefined);
    await clock.turn(0);
    await stopped;
    expect(await following).toEqual({ value: 'the next' });
  });

  it.each<[string, (breaker: StoreCircuitBreaker) => void]>([
    ['connections are being closed', (breaker) => breaker.beQuiet()],
    ['it is stopped', (breaker) => void breaker.stop()],
  ])('a loss while %s is told to nobody, and not probed', async (_when, end) => {
    const breaker = breakerWith();
    const underWay = breaker.run(never);
    await clock.turn(0);
    end(breaker);
    await clock.turn(60 * S);
    await underWay;
    expect(breaker.isLost).toBe(true);
    expect([probes, events, log.lines]).toEqual([[], [], []]);
  });
});

describe('A connection that its owner has closed', () => {
  it('is an outage only once a probe has found it closed', async () => {
    probe = closed;
    const breaker = breakerWith();
    await breaker.run(closed);
    expect([breaker.isLost, events]).toEqual([true, []]);
    await clock.turn(S);
    expect(events).toEqual([{ type: 'store-lost', reason: 'the connection was closed by its owner' }]);
  });

  it('was none, and does not come back, where the first probe finds it open', async () => {
    probe = answer;
    const breaker = breakerWith();
    await breaker.run(closed);
    await clock.turn(S);
    expect([breaker.isLost, events, log.lines]).toEqual([false, [], []]);
  });
});

describe('While a lost store is probed', () => {
  let finish: () => void;
  let breaker: StoreCircuitBreaker;
  beforeEach(async () => {
    probe = () => new Promise((resolve) => (finish = resolve));
    breaker = breakerWith();
    await breaker.run(refuse);
    await clock.turn(S);
    expect(probes).toEqual([S]);
  });

  it('it is lost as before, and is sent nothing else', async () => {
    let sent = 0;
    await breaker.run(() => Promise.resolve((sent += 1)));
    expect(sent).toBe(0);
    expect(breaker.lostForMs).toBe(S);
    expect(events).toHaveLength(1);
  });

  it('who wants to reach it waits for that probe', async () => {
    let isReached = false;
    const reached = breaker.reach().then(() => (isReached = true));
    await clock.turn(0);
    expect(isReached).toBe(false);
    finish();
    await reached;
    expect(breaker.isLost).toBe(false);
    expect(probes).toHaveLength(1);
  });
});

describe('Who wants to reach a lost store', () => {
  it('probes it once the last probe, or the loss, is a second ago, and no sooner', async () => {
    const breaker = breakerWith();
    await breaker.run(refuse);
    await clock.turn(999);
    await breaker.reach();
    expect(probes).toEqual([]);
    await clock.turn(1);
    expect(probes).toEqual([S]);
    await clock.turn(999);
    await breaker.reach();
    expect(probes).toEqual([S]);
    await clock.turn(1);
    await breaker.reach();
    expect(probes).toEqual([S, 2 * S]);
  });

  it('finds it where it is back', async () => {
    const breaker = breakerWith();
    await breaker.run(refuse);
    await clock.turn(2 * S);
    probe = answer;
    await breaker.reach();
    expect(breaker.isLost).toBe(false);
    await clock.turn(60 * S);
    expect(probes).toEqual([S, 2 * S]);
  });

  it('puts the next probe off, which comes after twice the pause before it', async () => {
    const breaker = breakerWith();
    await breaker.run(refuse);
    await clock.turn(2 * S);
    await breaker.reach();
    await clock.turn(4 * S - 1);
    expect(probes).toEqual([S, 2 * S]);
    await clock.turn(1);
    expect(probes).toEqual([S, 2 * S, 6 * S]);
  });
});

describe('A command that was sent before the store came back', () => {
  it('and fails now is lost itself, and says nothing about the store of today', async () => {
    const breaker = breakerWith();
    probe = answer;
    const old = breaker.run(() => withDeadline(new Promise<never>(() => undefined), 3 * S, clock));
    await clock.turn(S);
    await breaker.run(refuse);
    await clock.turn(S);
    expect(breaker.isLost).toBe(false);
    await clock.turn(S);
    expect(await old).toBeUndefined();
    expect(breaker.isLost).toBe(false);
    expect(events.map(({ type }) => type)).toEqual(['store-lost', 'store-back']);
  });

  it('does not hide the failure of one that was sent after it', async () => {
    const breaker = breakerWith();
    probe = answer;
    await breaker.run(refuse);
    await clock.turn(S);
    await breaker.run(refuse);
    expect(breaker.isLost).toBe(true);
  });
});
