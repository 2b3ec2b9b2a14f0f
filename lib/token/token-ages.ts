/** How a token's lifetime divides into ages, in fractions; see `QuiqupRefreshOptions`. */
export interface AgeRules {
  readonly ahead: number;
  readonly jitter: number;
  readonly margin: number;
}

/** The ages of HTTP caching (RFC 9111 section 4.2), and `expiring` for the last part, in which calls wait. */
export type TokenAge = 'fresh' | 'stale' | 'expiring' | 'expired';

/**
 * When a token changes its age, in ms of the monotonic clock: fresh until `staleAt`, then stale until
 * `expiringAt`, then expiring until `usableUntil`, then expired.
 */
export interface TokenSchedule {
  readonly lifetimeMs: number;
  /** How long before its end this instance treats the token as stale; drawn once for each token. */
  readonly aheadMs: number;
  readonly staleAt: number;
  readonly expiringAt: number;
  /** When the token ends, by the responses so far. */
  readonly expiresAt: number;
  /** When it has ended for the server as well, which counts from the arrival of the request. */
  readonly expiredAtServer: number;
  /** Until when calls get it: until its end, or a little longer while the endpoint still returns it. */
  readonly usableUntil: number;
  /** How often the endpoint returned the same token when it had no more than `aheadMs` left. */
  readonly repeats: number;
}

/** One response: when it was requested, in monotonic ms, and how long its token lives. */
export interface IssuedLifetime {
  readonly requestedAt: number;
  readonly lifetimeMs: number;
}

/** A shorter lifetime counts as this. */
export const SHORTEST_LIFETIME_MS = 1_000;
const LONGEST_MARGIN_MS = 60_000;

/** Responses round to whole seconds and take time to arrive, so the same end may differ by up to this much. */
const SAME_END_MS = 1_500;
const RENEWED_AT_END_MS = 250;
const USABLE_PAST_END_MS = 2_000;

/** The schedule of a new token that arrived `now`. A lifetime below 1 s counts as 1 s. */
export function scheduleOf(issued: IssuedLifetime, now: number, rules: AgeRules, random: () => number): TokenSchedule {
  const lifetimeMs = Math.max(issued.lifetimeMs, SHORTEST_LIFETIME_MS);
  const aheadMs = lifetimeMs * (rules.ahead + random() * rules.jitter);
  return withMargin(lifetimeMs, aheadMs, endOf(issued.requestedAt + lifetimeMs, issued, now), rules);
}

type End = Pick<TokenSchedule, 'expiresAt' | 'expiredAtServer'>;

/** The end of the token by a response that arrived `now`. */
function endOf(expiresAt: number, { requestedAt }: IssuedLifetime, now: number): End {
  return { expiresAt, expiredAtServer: expiresAt + Math.min(now - requestedAt, RENEWED_AT_END_MS) };
}

function withMargin(lifetimeMs: number, aheadMs: number, end: End, rules: AgeRules): TokenSchedule {
  const { expiresAt, expiredAtServer } = end;
  return {
    lifetimeMs,
    aheadMs,
    staleAt: expiresAt - aheadMs,
    expiringAt: expiresAt - Math.min(LONGEST_MARGIN_MS, lifetimeMs * rules.margin),
    expiresAt,
    expiredAtServer,
    usableUntil: expiresAt,
    repeats: 0,
  };
}

/**
 * The schedule after the endpoint returned the same token again, `now` (a server that reuses tokens). With more
 * than `aheadMs` left, the token is fresh. Otherwise an early request brings nothing and there is no time to wait:
 * calls get the token while it lives. The next requests come at half of the remaining time, then when it has ended for
 * the server as well (before that, the endpoint would only repeat it), and then every 250 ms for 2 s.
 */
export function rescheduleOf(held: TokenSchedule, issued: IssuedLifetime, now: number, rules: AgeRules): TokenSchedule {
  const lifetimeMs = Math.max(held.lifetimeMs, issued.lifetimeMs);
  const aheadMs = held.aheadMs * (lifetimeMs / held.lifetimeMs);
  const end = endOfRepeat(held, issued, now);
  const { expiresAt, expiredAtServer } = end;
  if (expiresAt - now > aheadMs) {
    return withMargin(lifetimeMs, aheadMs, end, rules);
  }
  const usableUntil = expiresAt + USABLE_PAST_END_MS;
  // An instance that learns of it after the earliest instance's half is late: that instance requests for both.
  const earliestHalfMs = (lifetimeMs * (rules.ahead + rules.jitter)) / 2;
  const isFirstRepeat = held.repeats === 0 && expiresAt - now > earliestHalfMs;
  const askNext = isFirstRepeat ? now + (expiresAt - now) / 2 : expiredAtServer;
  return {
    lifetimeMs,
    aheadMs,
    staleAt: now < expiresAt ? askNext : now + RENEWED_AT_END_MS,
    expiringAt: usableUntil,
    expiresAt,
    expiredAtServer,
    usableUntil,
    repeats: held.repeats + 1,
  };
}

/** The known end stays unless the response gives another one. */
function endOfRepeat(held: TokenSchedule, issued: IssuedLifetime, now: number): End {
  const toldEnd = issued.requestedAt + issued.lifetimeMs;
  // After the known end, repeated "0 s left" responses must not move the end.
  const isSameEnd = Math.abs(toldEnd - Math.max(held.expiresAt, issued.requestedAt)) <= SAME_END_MS;
  return isSameEnd ? held : endOf(toldEnd, issued, now);
}

export function ageOf(schedule: TokenSchedule, now: number): TokenAge {
  if (now >= schedule.usableUntil) {
    return 'expired';
  }
  if (now < schedule.staleAt) {
    return 'fresh';
  }
  return now < schedule.expiringAt ? 'stale' : 'expiring';
}
