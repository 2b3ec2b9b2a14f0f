import { beforeEach, describe, expect, it } from '@jest/globals';
import { QuiqupCredentialsRefusedError, QuiqupTokenEndpointUnavailableError } from '../lib/errors/index.js';
import type { AcquiredToken, StoredToken } from '../lib/token/held-token.js';
import { TokenFailure } from '../lib/token/token-failure.js';
import { TokenMemory, type TokenPhase, type WantedToken } from '../lib/token/token-memory.js';

const S = 1_000;
const H = 3_600 * S;
/** No draw makes a token stale earlier than `ahead` says. */
const random = { next: () => 0, id: () => 'an-id' };

let memory: TokenMemory;

beforeEach(() => {
  memory = new TokenMemory({ ahead: 0.2, jitter: 0.05, margin: 0.1 }, random);
});

function token(changes: Partial<AcquiredToken> = {}): AcquiredToken {
  return { id: 'first', accessToken: 'token-1', requestedAt: 0, lifetimeMs: H, source: 'endpoint', ...changes };
}

function stored(changes: Partial<StoredToken> = {}): StoredToken {
  return { ...token({ id: 'second', accessToken: 'token-2', source: 'store' }), writtenAt: 0, ...changes };
}

function failure(failedAt: number, changes: { id?: string; isPermanent?: boolean } = {}): TokenFailure {
  const error = changes.isPermanent
    ? new QuiqupCredentialsRefusedError('refused')
    : new QuiqupTokenEndpointUnavailableError('unavailable');
  const drawn = { next: () => 1, id: () => changes.id ?? 'a-failure' };
  return TokenFailure.at(failedAt, error, { before: undefined, random: drawn });
}

/** With the text of the token in hand. */
const again = (changes: Partial<StoredToken> = {}) => stored({ accessToken: 'token-1', writtenAt: 100, ...changes });

const wanted = (cause: WantedToken['cause'], since = 0): WantedToken => ({ cause, since, mayOverdraw: false });

describe('The phase', () => {
  it.each<[TokenPhase, number]>([
    ['fresh', 0],
    ['fresh', 0.8 * H - 1],
    ['stale', 0.8 * H],
    ['stale', H - 60 * S - 1],
    ['expiring', H - 60 * S],
    ['expiring', H - 1],
    ['expired', H],
  ])('is %s at %d ms', (phase, now) => {
    memory.accept(token(), 0);
    expect(memory.phase(now)).toBe(phase);
    expect(memory.usable(now)).toEqual(phase === 'expired' ? undefined : memory.held);
  });

  it('is none without a token', () => {
    expect(memory.phase(0)).toBe('none');
    expect(memory.usable(0)).toBeUndefined();
  });

  it.each<[TokenPhase, number]>([
    ['refused', 0],
    ['refused', 0.9 * H],
    ['refused', H - 1],
    ['expired', H],
  ])('of a token that Quiqup refused is %s at %d ms', (phase, now) => {
    memory.accept(token(), 0);
    memory.refuse('token-1');
    expect(memory.phase(now)).toBe(phase);
    expect(memory.usable(now)).toBeUndefined();
  });

  it('is not changed by the refusal of another token', () => {
    memory.accept(token(), 0);
    memory.refuse('token-0');
    expect(memory.phase(0)).toBe('fresh');
  });

  it('is that of the age again once a renewal has ended', () => {
    memory.accept(token(), 0);
    memory.refuse('token-1');
    memory.forgiveRefusal();
    expect(memory.phase(0)).toBe('fresh');
  });
});

describe('A token in the store', () => {
  it('is usable where none is in hand, for as long as it lives', () => {
    expect(memory.isUsable(stored(), wanted('call', H), H - 1)).toBe(true);
    expect(memory.isUsable(stored(), wanted('call', H), H)).toBe(false);
  });

  it('counts as living for 1 s at least', () => {
    const short = stored({ lifetimeMs: 0 });
    expect(memory.isUsable(short, wanted('call', 1), 999)).toBe(true);
    expect(memory.isUsable(short, wanted('call', 1), 1_000)).toBe(false);
  });

  it('is usable, however short its life, when it was written while it was waited for', () => {
    const short = stored({ lifetimeMs: 0, writtenAt: 5_000 });
    expect(memory.isUsable(short, wanted('call', 5_000), 9_000)).toBe(true);
    expect(memory.isUsable(short, wanted('call', 5_001), 9_000)).toBe(false);
  });

  it('is not usable when it was held before: not one of the last sixteen', () => {
    for (let index = 0; index < 16; index += 1) {
      memory.accept(token({ id: `id-${index}`, accessToken: `token-${index}` }), 0);
    }
    const isUsable = (id: string) => memory.isUsable(stored({ id, requestedAt: 1 }), wanted('call'), 1);
    expect([isUsable('id-0'), isUsable('id-15'), isUsable('id-16')]).toEqual([false, false, true]);
    memory.accept(token({ id: 'id-16' }), 0);
    expect([isUsable('id-0'), isUsable('id-1'), isUsable('id-16')]).toEqual([true, false, false]);
  });

  it.each([
    ['fresh', 0.5 * H, 'schedule', false],
    ['refused', 0.5 * H, 'rejection', true],
  ] as const)('replaces a %s one only if it was requested later', (_phase, now, cause, isRefused) => {
    memory.accept(token({ requestedAt: 100 }), 100);
    if (isRefused) {
      memory.refuse('token-1');
    }
    const isUsable = (requestedAt: number) =>
      memory.isUsable(stored({ requestedAt, writtenAt: now }), wanted(cause, now), now);
    expect([isUsable(99), isUsable(100), isUsable(101)]).toEqual([false, true, true]);
  });

  it('replaces one that has ended, also if it was requested earlier, for as long as it lives', () => {
    memory.accept(token({ requestedAt: 100, lifetimeMs: 1_000 }), 100);
    expect(memory.isUsable(stored({ requestedAt: 0 }), wanted('call', 1_200), 1_200)).toBe(true);
    expect(memory.isUsable(stored({ requestedAt: 0 }), wanted('call', H), H)).toBe(false);
  });

  it('serves a refresh only if it was requested after that', () => {
    const found = stored({ requestedAt: 100, writtenAt: 200 });
    expect(memory.isUsable(found, wanted('refresh', 100), 200)).toBe(true);
    expect(memory.isUsable(found, wanted('refresh', 101), 200)).toBe(false);
    expect(memory.isUsable(found, wanted('call', 101), 200)).toBe(true);
  });

  describe('with the text of the one in hand', () => {
    beforeEach(() => void memory.accept(token(), 0));

    it('is usable for as long as the response gave it', () => {
      expect(memory.isUsable(again(), wanted('schedule', 101), H - 1)).toBe(true);
      expect(memory.isUsable(again(), wanted('schedule', 101), H)).toBe(false);
    });

    it('is usable for 250 ms more when it was ended already', () => {
      const ended = again({ lifetimeMs: 0, writtenAt: H });
      expect(memory.isUsable(ended, wanted('schedule', H + 1), H + 249)).toBe(true);
      expect(memory.isUsable(ended, wanted('schedule', H + 1), H + 250)).toBe(false);
    });

    it.each(['rejection', 'call'] as const)('does not serve a %s after a 401, unless it came since', (cause) => {
      memory.refuse('token-1');
      expect(memory.isUsable(again(), wanted(cause, 101), 200)).toBe(false);
      expect(memory.isUsable(again(), wanted(cause, 100), 200)).toBe(true);
    });
  });
});

describe('A failure', () => {
  it('forbids to ask for its pause, and less long without a usable token', () => {
    memory.remember(failure(0), 0);
    expect([memory.isBackingOff(499), memory.isBackingOff(500)]).toEqual([true, false]);
    expect(memory.lastRenewal).toMatchObject({ endedAt: 0, error: { message: 'unavailable' } });
  });

  it('forbids to ask no longer than the token in hand lives', () => {
    memory.accept(token({ lifetimeMs: 40 * S }), 0);
    let last = failure(0);
    for (let attempt = 2; attempt <= 8; attempt += 1) {
      const error = new QuiqupTokenEndpointUnavailableError('unavailable');
      last = TokenFailure.at(0, error, { before: last, random: { next: () => 1, id: () => `failure-${attempt}` } });
    }
    memory.remember(last, 0);
    // The eighth pause is 60 s with a usable token and 5 s without one.
    expect(memory.retryAt(0)).toBe(40 * S);
    memory.refuse('token-1');
    expect(memory.retryAt(0)).toBe(5 * S);
  });

  it('is over once a token came', () => {
    memory.remember(failure(0), 0);
    memory.clearFailure(100);
    expect(memory.retryAt(100)).toBe(-Infinity);
    expect(memory.lastRenewal).toEqual({ endedAt: 100 });
    expect(memory.lastFailure).toBeUndefined();
  });

  it('forbids nothing once its pause is cleared, and is counted on from', () => {
    memory.remember(failure(0), 0);
    memory.clearPause();
    expect(memory.isBackingOff(1)).toBe(false);
    expect(memory.lastFailure?.attempt).toBe(1);
    memory.remember(failure(10), 10);
    expect(memory.isBackingOff(11)).toBe(true);
  });

  it('of another instance is honoured once', () => {
    expect(memory.adoptFailure(failure(0), 0)).toBe(true);
    expect(memory.adoptFailure(failure(0), 0)).toBe(false);
    memory.clearFailure(1);
    expect(memory.adoptFailure(failure(0), 1)).toBe(false);
    expect(memory.adoptFailure(failure(0, { id: 'another' }), 1)).toBe(true);
  });

  it('of another instance whose pause has passed forbids nothing, and is counted on from', () => {
    expect(memory.adoptFailure(failure(0), 10_000)).toBe(false);
    expect(memory.lastFailure?.id).toBe('a-failure');
  });

  it('that is the last one known is not adopted', () => {
    memory.remember(failure(0), 0);
    expect(memory.adoptFailure(failure(0), 0)).toBe(false);
  });
});

describe('The next renewal is due', () => {
  it.each([
    ['when the token is stale', false, 0.8 * H],
    ['when it is expiring, while the store is lost', true, H - 60 * S],
  ])('%s', (_when, isAlone, dueAt) => {
    memory.accept(token(), 0);
    expect(memory.dueAt(0, isAlone)).toBe(dueAt);
  });

  it('at once without a token, or after the pause of a failure', () => {
    expect(memory.dueAt(0, false)).toBe(-Infinity);
    memory.remember(failure(0), 0);
    expect(memory.dueAt(0, false)).toBe(500);
  });

  it('not before the pause of a failure is over', () => {
    memory.accept(token(), 0);
    memory.remember(failure(0.8 * H), 0.8 * H);
    expect(memory.dueAt(0.8 * H, false)).toBe(0.8 * H + 500);
  });
});

describe('A token that came', () => {
  it('takes the place of the one in hand, and is told from the same one again', () => {
    expect(memory.accept(token(), 0).isRepeat).toBe(false);
    expect(memory.accept(token({ id: 'again' }), 1).isRepeat).toBe(true);
    expect(memory.accept(token({ id: 'other', accessToken: 'token-2' }), 2).isRepeat).toBe(false);
    expect(memory.held).toMatchObject({ id: 'other', accessToken: 'token-2', expiresAt: H });
  });
});
