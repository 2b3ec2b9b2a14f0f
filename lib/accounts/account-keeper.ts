import type { SchedulerRegistry } from '@nestjs/schedule';
import { QuiqupAxiosInterceptor, QuiqupHttpService, type TrustedOrigins } from '../http/index.js';
import type { TokenRefresher } from '../refresh/index.js';
import { AuthEvents, RejectionBudget, type QuiqupAuthEvent, type TokenRenewal } from '../token/index.js';
import type { AccountCredentials } from './account-credentials.js';
import {
  createAuthorizingAdapter,
  createTokenRecovery,
  createTokenRefresher,
  createTokenRenewal,
  createTokenService,
  type AccountSurroundings,
} from './account-parts.js';
import { QuiqupAccount } from './quiqup-account.js';

/** What all accounts of one `QuiqupAccounts` have in common. */
export interface SharedParts extends AccountSurroundings {
  readonly registry: SchedulerRegistry;
  readonly trusted: TrustedOrigins;
  readonly onEvent: (accountId: string, event: QuiqupAuthEvent) => void;
}

/** An account in memory, and its end. */
export class AccountKeeper {
  readonly account: QuiqupAccount;
  private readonly events: AuthEvents;
  private readonly renewal: TokenRenewal;
  private readonly refresher: TokenRefresher;

  /**
   * @param shownId the account in the log
   */
  constructor(
    id: string,
    shownId: string,
    shared: SharedParts,
    private readonly credentials: Pick<AccountCredentials, 'ask' | 'forget'>,
  ) {
    const { config, registry, trusted, onEvent } = shared;
    const budget = new RejectionBudget();
    const events = new AuthEvents((event) => onEvent(id, event));
    const renewal = createTokenRenewal(shared, () => credentials.ask(), budget, events, `:${shownId}`);
    const recovery = createTokenRecovery(config, renewal, budget, events);
    const tokens = createTokenService(config, renewal, recovery, events);
    const adapter = createAuthorizingAdapter(trusted, renewal, recovery, tokens);
    this.account = new QuiqupAccount(id, tokens, {
      http: () => new QuiqupHttpService(config, adapter),
      interceptor: () => new QuiqupAxiosInterceptor(adapter),
    });
    this.events = events;
    this.renewal = renewal;
    // Of the id itself, which no two accounts share, and apart from the names of registered accounts.
    this.refresher = createTokenRefresher(config, renewal, events, registry, `:account:${id}`);
    this.refresher.onModuleInit();
  }

  /** A token by the credentials as they are now, whatever happened before. */
  async rotate(): Promise<void> {
    this.credentials.forget();
    this.renewal.forgetFailure();
    await this.account.tokens.refresh();
  }

  hear(event: QuiqupAuthEvent): void {
    this.events.emit(event);
  }

  /** No timer and no renewal ahead of time any more. */
  stopAhead(): void {
    this.refresher.onModuleDestroy();
  }

  /**
   * Out of memory. Calls under way, and whoever kept the account, still get their token; the lock is free and the
   * events complete once nothing is being fetched.
   */
  async retire(): Promise<void> {
    this.stopAhead();
    await this.renewal.settled();
    this.events.complete();
  }

  /** At shutdown: ends what is being fetched. */
  close(): Promise<void> {
    return this.renewal.close();
  }
}
