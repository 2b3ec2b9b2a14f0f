import { QuiqupFetchService } from '../fetch/index.js';
import { QuiqupAxiosInterceptor, QuiqupHttpService } from '../http/index.js';
import { AuthEvents, type QuiqupAuthEvent } from '../token/index.js';
import type { AccountCredentials } from './account-credentials.js';
import { AccountRuntime, type AccountSurroundings } from './account-runtime.js';
import { QuiqupAccount } from './quiqup-account.js';

/** The common parts of all accounts of one `QuiqupAccounts`. */
export interface SharedSurroundings extends AccountSurroundings {
  readonly onEvent: (accountId: string, event: QuiqupAuthEvent) => void;
}

/** An account in memory. */
export class KeptAccount {
  readonly account: QuiqupAccount;
  readonly runtime: AccountRuntime;
  private readonly events: AuthEvents;

  /**
   * @param shownId the account in the log
   */
  constructor(
    id: string,
    shownId: string,
    shared: SharedSurroundings,
    private readonly credentials: Pick<AccountCredentials, 'ask' | 'forget'>,
  ) {
    this.events = new AuthEvents((event) => shared.onEvent(id, event));
    this.runtime = new AccountRuntime(shared, {
      askCredentials: () => credentials.ask(),
      events: this.events,
      label: `QuiqupAuth:${shownId}`,
      // Made from the id, which is unique, and distinct from the names of registered accounts.
      timerName: `quiqup-auth:refresh:account:${id}`,
    });
    const { tokens } = this.runtime;
    const adapter = this.runtime.createAdapter(tokens);
    this.account = new QuiqupAccount(id, tokens, {
      http: () => new QuiqupHttpService(shared.config, adapter),
      interceptor: () => new QuiqupAxiosInterceptor(adapter),
      fetch: () => new QuiqupFetchService(shared.config, adapter),
    });
  }

  /** Gets a token with the current credentials, and ignores earlier failures. */
  async rotate(): Promise<void> {
    this.credentials.forget();
    await this.runtime.renewAnew();
  }

  /** An event of the store that all accounts share. */
  tell(event: QuiqupAuthEvent): void {
    this.events.emit(event);
  }
}
