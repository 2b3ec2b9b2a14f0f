/** How the ages of a token divide its lifetime, in fractions; see `QuiqupRefreshOptions`. */
export interface AgeRules {
  readonly ahead: number;
  readonly jitter: number;
  readonly margin: number;
}

/** The ages after HTTP caching (RFC 9111 section 4.2), with `expiring` for the last stretch, in which calls wait. */
export type TokenAge = 'fresh' | 'stale' | 'expiring' | 'expired';

/**
 * When a token passes from one age to the next, in ms of the monotonic clock: fresh until `staleAt`, then stale until
 * `expiringAt`, then expiring until `usableUntil`, then expired.
 */
export interface TokenSchedule {
  readonly lifetimeMs: number;
  /** How long before its end this instance makes the token stale; drawn once for a token. */
  readonly aheadMs: number;
  readonly staleAt: number;
  readonly expiringAt: number;
  /** When the token ends, as far as is known. */
  readonly expiresAt: number;
  /** When it has ended for the server as well, which counts from when the request for it arrived. */
  readonly expiredAtServer: number;
  /** Until when a call gets it: its end, or a little more while the endpoint still answers with it. */
  readonly usableUntil: number;
  /** How often the endpoint answered with the same token when it had no more than `aheadMs` left. */
  readonly repeats: number;
}

/** One response: when it was requested, by the monotonic clock in ms, and for how long its token is good. */
export interface IssuedLifetime {
  readonly requestedAt: number;
  readonly lifetimeMs: number;
}

/** A lifetime below counts as this much. */
export const SHORTEST_LIFETIME_MS = 1_000;
const LONGEST_MARGIN_MS = 60_000;

/** Responses round to whole seconds and travel, so that one end is told differently by up to this much. */
const SAME_END_MS = 1_500;
const RENEWED_AT_END_MS = 250;
const USABLE_PAST_END_MS = 2_000;

/** The schedule of a token that no response has brought before, `now`. A lifetime below 1 s counts as 1 s. */
export function scheduleOf(issued: IssuedLifetime, now: number, rules: AgeRules, random: () => number): TokenSchedule {
  const lifetimeMs = Math.max(issued.lifetimeMs, SHORTEST_LIFETIME_MS);
  const aheadMs = lifetimeMs * (rules.ahead + random() * rules.jitter);
  return withMargin(lifetimeMs, aheadMs, endOf(issued.requestedAt + lifetimeMs, issued, now), rules);
}

type End = Pick<TokenSchedule, 'expiresAt' | 'expiredAtServer'>;

/** The end that a response tells, which has arrived `now`. */
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
 * The schedule after the endpoint has answered with the same token again, `now` (a server that reuses tokens). With more
 * than `aheadMs` left it is simply fresh. Else asking early brings nothing, and there is no margin to wait in: it is
 * served while it lives, asked for once more at half of what is left, then when it has ended for the server too, for a
 * moment before the endpoint would only repeat it once more, and from there every 250 ms for 2 s.
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
  // An instance that learns of it after the earliest instance's half is late: that instance asks for both.
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

/** The known end stays unless the response tells another one. */
function endOfRepeat(held: TokenSchedule, issued: IssuedLifetime, now: number): End {
  const toldEnd = issued.requestedAt + issued.lifetimeMs;
  // Past the known end, "0 s left" told again and again must not move that end along.
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
