// Bounded by recency, well maintained and without dependencies.
import { LRUCache } from 'lru-cache';

/** How many kinds of calls are remembered. */
const REMEMBERED_CALLS = 1_000;

/** How long a kind of call is not trusted after it was refused with a fresh token, even if a call was accepted since. */
const DISTRUST_MS = 10 * 60 * 1_000;

/** The outcome of the last calls of a kind. */
type CallState =
  | { readonly name: 'accepted' }
  /** Refused at this monotonic ms, and not yet refused with a token that was requested later. */
  | { readonly name: 'refused'; readonly at: number; readonly wasAccepted: boolean }
  /** Refused with one token after another. An acceptance counts again from this monotonic ms. */
  | { readonly name: 'denied'; readonly untilAt: number };

/**
 * - `accepted`: such a call was accepted before, so the token is the cause
 * - `unknown`: nothing is known about such calls
 * - `denied`: such a call is refused with every token
 */
export type RefusalVerdict = 'accepted' | 'unknown' | 'denied';

const ACCEPTED: CallState = { name: 'accepted' };

/**
 * Remembers which kinds of calls Quiqup accepts. This tells a 401 for a revoked token from a 401 that a call
 * gets with every token (a client without the permission, for example).
 */
export class CallHistory {
  // With `max` it would allocate room for all of them, 18 KB for each account.
  private readonly calls = new LRUCache<string, CallState>({ maxSize: REMEMBERED_CALLS, sizeCalculation: () => 1 });

  /** @param call the kind of call, such as `get https://host/orders/:id` */
  accept(call: string, now: number): void {
    const state = this.calls.get(call);
    if (state !== ACCEPTED && !(state?.name === 'denied' && now < state.untilAt)) {
      this.calls.set(call, ACCEPTED);
    }
  }

  /** @param requestedAt when the refused token had been requested, in monotonic ms */
  refuse(call: string, requestedAt: number, now: number): RefusalVerdict {
    const next = afterRefusal(this.calls.get(call), requestedAt, now);
    this.calls.set(call, next);
    if (next.name === 'denied') {
      return 'denied';
    }
    return next.name === 'refused' && next.wasAccepted ? 'accepted' : 'unknown';
  }

  /** Such a call is refused with every token. */
  deny(call: string, now: number): void {
    this.calls.set(call, { name: 'denied', untilAt: now + DISTRUST_MS });
  }
}

function afterRefusal(state: CallState | undefined, requestedAt: number, now: number): CallState {
  switch (state?.name) {
    case undefined:
      return { name: 'refused', at: now, wasAccepted: false };
    case 'accepted':
      return { name: 'refused', at: now, wasAccepted: true };
    case 'refused':
      // An older token may have been revoked together with the one that was refused before. The newer one may have been
      // revoked as well, which the next acceptance shows.
      return requestedAt > state.at ? { name: 'denied', untilAt: now } : state;
    case 'denied':
      return now < state.untilAt ? { name: 'denied', untilAt: now + DISTRUST_MS } : state;
  }
}
