/** How the ages of a token divide its lifetime, in fractions; see `QuiqupRefreshOptions`. */
export interface AgeRules {
  readonly ahead: number;
  readonly jitter: number;
  readonly margin: number;
}

/** The ages after HTTP caching (RFC 9111 section 4.2), with `spent` for the last stretch, in which calls wait. */
export type TokenAge = 'fresh' | 'stale' | 'spent' | 'expired';

/**
 * When a token passes from one age to the next, in ms of the monotonic clock: fresh until `staleAt`, then stale until
 * `spentAt`, then spent until `servedUntil`, then expired.
 */
export interface TokenSchedule {
  readonly lifetimeMs: number;
  /** How long before its end this instance makes the token stale; drawn once for a token. */
  readonly aheadMs: number;
  readonly staleAt: number;
  readonly spentAt: number;
  /** When the token ends, as far as is known. */
  readonly expiresAt: number;
  /** When it has ended for the endpoint as well, which counts from when the request for it arrived. */
  readonly surelyEndedAt: number;
  /** Until when a call gets it: its end, or a little more while the endpoint still answers with it. */
  readonly servedUntil: number;
  /** How often the endpoint answered with the same token when it had no more than `aheadMs` left. */
  readonly repeats: number;
}

/** One answer: when it was asked for, by the monotonic clock in ms, and for how long its token is good. */
export interface AnsweredLifetime {
  readonly askedAt: number;
  readonly lifetimeMs: number;
}

/** A lifetime below counts as this much. */
export const SHORTEST_LIFETIME_MS = 1_000;
const LONGEST_MARGIN_MS = 60_000;

/** Answers round to whole seconds and travel, so that one end is told differently by up to this much. */
const SAME_END_MS = 1_500;
const RENEWED_AT_END_MS = 250;
const SERVED_PAST_END_MS = 2_000;

/** The schedule of a token that no answer has brought before, `now`. A lifetime below 1 s counts as 1 s. */
export function scheduleOf(
  answer: AnsweredLifetime,
  now: number,
  rules: AgeRules,
  random: () => number,
): TokenSchedule {
  const lifetimeMs = Math.max(answer.lifetimeMs, SHORTEST_LIFETIME_MS);
  const aheadMs = lifetimeMs * (rules.ahead + random() * rules.jitter);
  return withMargin(lifetimeMs, aheadMs, endOf(answer.askedAt + lifetimeMs, answer, now), rules);
}

type End = Pick<TokenSchedule, 'expiresAt' | 'surelyEndedAt'>;

/** The end that an answer tells, which has arrived `now`. */
function endOf(expiresAt: number, { askedAt }: AnsweredLifetime, now: number): End {
  return { expiresAt, surelyEndedAt: expiresAt + Math.min(now - askedAt, RENEWED_AT_END_MS) };
}

function withMargin(lifetimeMs: number, aheadMs: number, end: End, rules: AgeRules): TokenSchedule {
  const { expiresAt, surelyEndedAt } = end;
  return {
    lifetimeMs,
    aheadMs,
    staleAt: expiresAt - aheadMs,
    spentAt: expiresAt - Math.min(LONGEST_MARGIN_MS, lifetimeMs * rules.margin),
    expiresAt,
    surelyEndedAt,
    servedUntil: expiresAt,
    repeats: 0,
  };
}

/**
 * The schedule after the endpoint has answered with the same token again, `now` (a server that reuses tokens). With more
 * than `aheadMs` left it is simply fresh. Else asking early brings nothing, and there is no margin to wait in: it is
 * served while it lives, asked for once more at half of what is left, then when it has surely ended, for a moment
 * before the endpoint would only repeat it once more, and from there every 250 ms for 2 s.
 */
export function rescheduleOf(
  held: TokenSchedule,
  answer: AnsweredLifetime,
  now: number,
  rules: AgeRules,
): TokenSchedule {
  const lifetimeMs = Math.max(held.lifetimeMs, answer.lifetimeMs);
  const aheadMs = held.aheadMs * (lifetimeMs / held.lifetimeMs);
  const answeredEnd = answer.askedAt + answer.lifetimeMs;
  // Past the known end, "0 s left" told again and again must not move that end along.
  const isSameEnd = Math.abs(answeredEnd - Math.max(held.expiresAt, answer.askedAt)) <= SAME_END_MS;
  const end = isSameEnd ? held : endOf(answeredEnd, answer, now);
  const { expiresAt, surelyEndedAt } = end;
  if (expiresAt - now > aheadMs) {
    return withMargin(lifetimeMs, aheadMs, end, rules);
  }
  const servedUntil = expiresAt + SERVED_PAST_END_MS;
  // One that hears of it after the earliest instance's half is late: that one's second question was its own as well.
  const earliestHalfMs = (lifetimeMs * (rules.ahead + rules.jitter)) / 2;
  const isFirstRepeat = held.repeats === 0 && expiresAt - now > earliestHalfMs;
  const askNext = isFirstRepeat ? now + (expiresAt - now) / 2 : surelyEndedAt;
  return {
    lifetimeMs,
    aheadMs,
    staleAt: now < expiresAt ? askNext : now + RENEWED_AT_END_MS,
    spentAt: servedUntil,
    expiresAt,
    surelyEndedAt,
    servedUntil,
    repeats: held.repeats + 1,
  };
}

export function ageOf(schedule: TokenSchedule, now: number): TokenAge {
  if (now < schedule.staleAt && now < schedule.servedUntil) {
    return 'fresh';
  }
  if (now < schedule.spentAt && now < schedule.servedUntil) {
    return 'stale';
  }
  return now < schedule.servedUntil ? 'spent' : 'expired';
}
