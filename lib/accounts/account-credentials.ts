import type { QuiqupAccountsConfig, QuiqupClientCredentials } from '../config/index.js';
import { QuiqupAccountUnknownError, QuiqupCredentialsUnavailableError } from '../errors/index.js';
import { systemClock, withDeadline } from '../time/index.js';
import type { Credentials } from '../token/index.js';

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** Looks up one account's client id and secret in one call, so that they belong together. */
export class AccountCredentials {
  /** The credentials from the account's creation, for the token request that usually follows at once. */
  #atHand: { readonly credentials: Credentials; readonly until: number } | undefined;

  /**
   * @param shownId the account in messages
   */
  constructor(
    private readonly config: Pick<QuiqupAccountsConfig, 'resolveCredentials' | 'timeouts'>,
    private readonly id: string,
    private readonly shownId: string,
  ) {}

  /** Checks whether the account exists. */
  async lookUp(): Promise<void> {
    const credentials = await this.resolve();
    this.#atHand = { credentials, until: systemClock.now() + this.config.timeouts.tokenRequest };
  }

  /** Drops the credentials, because they may have changed. */
  forget(): void {
    this.#atHand = undefined;
  }

  /**
   * @throws QuiqupAccountUnknownError
   * @throws QuiqupCredentialsUnavailableError
   */
  async ask(): Promise<Credentials> {
    const atHand = this.#atHand;
    this.#atHand = undefined;
    return atHand !== undefined && systemClock.now() < atHand.until ? atHand.credentials : this.resolve();
  }

  private async resolve(): Promise<Credentials> {
    const { config, id, shownId } = this;
    const timeoutMs = config.timeouts.tokenRequest;
    let found: Partial<QuiqupClientCredentials> | null | undefined;
    try {
      found = await withDeadline(
        Promise.resolve().then(() => config.resolveCredentials(id)),
        timeoutMs,
      );
    } catch {
      // Not passed on as the cause: an error of a database client may hold the secret.
      throw new QuiqupCredentialsUnavailableError(
        `resolveCredentials failed for the account '${shownId}' or did not answer within ${timeoutMs} ms. Check what ` +
          'it depends on.',
      );
    }
    if (found === undefined || found === null) {
      throw new QuiqupAccountUnknownError(
        `resolveCredentials knows no account '${shownId}'. Check the id, and what it reads.`,
        id,
      );
    }
    const { clientId, clientSecret } = found;
    if (!isText(clientId) || !isText(clientSecret)) {
      throw new QuiqupCredentialsUnavailableError(
        `resolveCredentials did not return a non-empty clientId and clientSecret for the account '${shownId}'. Check ` +
          'what it reads.',
      );
    }
    return { clientId, clientSecret };
  }
}
