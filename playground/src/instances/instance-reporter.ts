import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { QuiqupHealthIndicator, QuiqupTokenService, type QuiqupAuthEvent } from 'nestjs-quiqup-auth';
import { CallLog, type RecordedCall } from '../calls/call-log.js';
import type { CallMark, InstanceEvent, InstanceStatus, Observation } from './observation.js';

const MOMENT_MS = 100;

/** Collects the calls and events of this instance, and reports them at intervals. */
@Injectable()
export class InstanceReporter implements OnApplicationShutdown {
  private calls: CallMark[] = [];
  private events: InstanceEvent[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    tokens: QuiqupTokenService,
    log: CallLog,
    private readonly health: QuiqupHealthIndicator,
  ) {
    // Here, before the bootstrap, so that the first token is not missed.
    tokens.events$.subscribe((event) => {
      const seen = seenOf(event, Date.now());
      if (seen !== undefined) {
        this.events.push(seen);
      }
    });
    log.calls$.subscribe((call) => this.calls.push(markOf(call)));
  }

  /** Starts to report, first everything collected so far. */
  report(to: (observation: Observation) => void): void {
    this.timer = setInterval(() => {
      const { calls, events } = this;
      this.calls = [];
      this.events = [];
      to({ calls, events, status: this.status() });
    }, MOMENT_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private status(): InstanceStatus {
    const { status, reason, message, store } = this.health.check().quiqup;
    return {
      health: status,
      ...(reason !== undefined && { reason }),
      ...(message !== undefined && { message }),
      isStoreLost: store.status === 'lost',
    };
  }
}

function markOf({ at, durationMs, outcome, api, method, path, reason }: RecordedCall): CallMark {
  const duration = Math.round(durationMs * 10) / 10;
  const mark = [at, duration, outcome, api, `${method} ${path}`] as const;
  return reason === undefined ? mark : [...mark, reason];
}

/** `undefined` for events that the calls show themselves. */
function seenOf(event: QuiqupAuthEvent, at: number): InstanceEvent | undefined {
  switch (event.type) {
    case 'acquired':
    case 'adopted':
    case 'reused': {
      const { type: how, cause, fingerprint } = event;
      const [staleAt, expiringAt, expiresAt] = [event.staleAt, event.expiringAt, event.expiresAt].map(Number) as [
        number,
        number,
        number,
      ];
      return { type: 'token', at, how, cause, fingerprint, staleAt, expiringAt, expiresAt };
    }
    case 'token-request': {
      const { type, durationMs, outcome } = event;
      return { type, at, durationMs: Math.round(durationMs), outcome };
    }
    case 'rejected':
      return { type: 'rejected', at, fingerprint: event.fingerprint };
    case 'store-lost':
    case 'store-back':
      return { type: 'store', at, isLost: event.type === 'store-lost' };
    default:
      return undefined;
  }
}
