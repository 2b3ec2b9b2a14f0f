// Bounded by recency, well kept and without dependencies of its own.
import { LRUCache } from 'lru-cache';

/** How many kinds of calls are remembered. */
const REMEMBERED_CALLS = 1_000;

/** How long a kind of calls that a fresh token was refused for is not trusted, though a call of it was accepted since. */
const DISTRUST_MS = 10 * 60 * 1_000;

/** The outcome of the last calls of one kind. */
type CallState =
  | { readonly name: 'accepted' }
  /** Refused at this monotonic ms, and with no token since that was requested later. */
  | { readonly name: 'refused'; readonly at: number; readonly wasAccepted: boolean }
  /** Refused with one token after another; acceptance counts again from this monotonic ms. */
  | { readonly name: 'denied'; readonly untilAt: number };

/**
 * - `accepted`: such a call was accepted before, so that the token is to blame
 * - `unknown`: nothing is known of such calls
 * - `denied`: such a call is refused whatever the token
 */
export type RefusalVerdict = 'accepted' | 'unknown' | 'denied';

const ACCEPTED: CallState = { name: 'accepted' };

/**
 * Which kinds of calls Quiqup accepts. By it, a 401 that says that the token was revoked is told from one that a call
 * gets with every token (a client without the right for it, say).
 */
export class CallHistory {
  // With `max` it would allocate room for all of them, 18 KB for each account.
  private readonly calls = new LRUCache<string, CallState>({ maxSize: REMEMBERED_CALLS, sizeCalculation: () => 1 });

  /** @param call what kind of call it was, such as `get https://host/orders/:id` */
  accept(call: string, now: number): void {
    const state = this.calls.get(call);
    if (state !== ACCEPTED && !(state?.name === 'denied' && now < state.untilAt)) {
      this.calls.set(call, ACCEPTED);
    }
  }

  /** @param requestedAt when the token that was refused had been requested, in monotonic ms */
  refuse(call: string, requestedAt: number, now: number): RefusalVerdict {
    const next = afterRefusal(this.calls.get(call), requestedAt, now);
    this.calls.set(call, next);
    if (next.name === 'denied') {
      return 'denied';
    }
    return next.name === 'refused' && next.wasAccepted ? 'accepted' : 'unknown';
  }

  /** Such a call is refused whatever the token. */
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
