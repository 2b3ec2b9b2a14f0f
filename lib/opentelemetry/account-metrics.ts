import type { Attributes, Meter, ObservableCallback } from '@opentelemetry/api';
import type { QuiqupAccountsEvent } from '../accounts/index.js';
import type { QuiqupAuthEvent } from '../token/index.js';
import type { ObservedAccount } from './observed-account.js';
import {
  CAUSE,
  ERROR_TYPE,
  OUTCOME,
  RESULT,
  serverAttributes,
  tokenRequestAttributes,
} from './semantic-conventions.js';

/** The buckets of `http.client.request.duration`, because a token request is an HTTP request. */
const REQUEST_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** The instruments: one set for all accounts. Attributes distinguish the accounts. */
export class AccountMetrics {
  private readonly tokenRequests;
  private readonly tokenRequestDuration;
  private readonly renewals;
  private readonly rejections;
  private readonly recoveries;
  private readonly lockWait;
  private readonly storeFailures;
  private readonly expiresIn;
  private readonly observeExpiry: ObservableCallback = (result) => {
    for (const { attributes, expiresIn } of this.accounts) {
      const seconds = expiresIn();
      if (seconds !== undefined) {
        result.observe(seconds, attributes);
      }
    }
  };

  constructor(
    meter: Meter,
    private readonly accounts: readonly ObservedAccount[],
  ) {
    this.tokenRequests = meter.createCounter('quiqup.auth.token.requests', {
      unit: '{request}',
      description: 'Requests to the token endpoint.',
    });
    this.tokenRequestDuration = meter.createHistogram('quiqup.auth.token.request.duration', {
      unit: 's',
      description: 'Duration of requests to the token endpoint.',
      advice: { explicitBucketBoundaries: REQUEST_BUCKETS_S },
    });
    this.renewals = meter.createCounter('quiqup.auth.token.renewals', {
      unit: '{renewal}',
      description: 'Renewals of the token, by what caused them and how they ended.',
    });
    this.rejections = meter.createCounter('quiqup.auth.call.rejections', {
      unit: '{request}',
      description: 'Calls that Quiqup answered with 401.',
    });
    this.recoveries = meter.createCounter('quiqup.auth.call.recoveries', {
      unit: '{request}',
      description: 'Outcomes of calls that were answered with 401.',
    });
    this.lockWait = meter.createHistogram('quiqup.auth.lock.wait.duration', {
      unit: 's',
      description: 'How long a renewal waited for the lock around the token request.',
      advice: { explicitBucketBoundaries: REQUEST_BUCKETS_S },
    });
    this.storeFailures = meter.createCounter('quiqup.auth.store.failures', {
      unit: '{failure}',
      description: 'How often the token store went.',
    });
    this.expiresIn = meter.createObservableGauge('quiqup.auth.token.expires_in', {
      unit: 's',
      description: 'Time until the token in hand ends.',
    });
    this.expiresIn.addCallback(this.observeExpiry);
  }

  record(event: QuiqupAuthEvent | QuiqupAccountsEvent, { attributes, tokenUrl }: ObservedAccount): void {
    switch (event.type) {
      case 'token-request': {
        const all = { ...attributes, ...serverAttributes(tokenUrl), ...tokenRequestAttributes(event) };
        this.tokenRequests.add(1, all);
        this.tokenRequestDuration.record(event.durationMs / 1_000, all);
        break;
      }
      case 'acquired':
      case 'adopted':
      case 'reused':
        this.renewals.add(1, { ...attributes, [CAUSE]: event.cause, [RESULT]: event.type });
        this.recordLockWait(event.lockWaitMs, attributes);
        break;
      case 'renewal-failed':
        this.renewals.add(1, {
          ...attributes,
          [CAUSE]: event.cause,
          [RESULT]: 'failed',
          [ERROR_TYPE]: event.error.code,
        });
        break;
      case 'rejected':
        this.rejections.add(1, attributes);
        break;
      case 'recovered':
        this.recoveries.add(1, { ...attributes, [OUTCOME]: 'recovered' });
        break;
      case 'not-recovered':
        this.recoveries.add(1, { ...attributes, [OUTCOME]: event.reason });
        break;
      case 'store-lost':
        this.storeFailures.add(1, attributes);
        break;
      case 'store-back':
      case 'budget-exhausted':
    }
  }

  close(): void {
    this.expiresIn.removeCallback(this.observeExpiry);
  }

  private recordLockWait(lockWaitMs: number, attributes: Attributes): void {
    if (lockWaitMs > 0) {
      this.lockWait.record(lockWaitMs / 1_000, attributes);
    }
  }
}
