import type { ConfigurableModuleAsyncOptions } from '@nestjs/common';
import type { QuiqupAuthModuleExtras, QuiqupAuthModuleOptions } from './quiqup-auth-options.interface.js';

/** The client of one account. Both belong together, so they are asked for together. */
export interface QuiqupClientCredentials {
  /** The client id that Quiqup gave for this environment. */
  readonly clientId: string;
  /** The client secret that belongs to it. */
  readonly clientSecret: string;
}

/**
 * Looks an account's credentials up. Asked when the account is first used and before each token request, so that
 * changed credentials need no restart. Has `timeouts.tokenRequest` to answer; `undefined` or `null` says that there is
 * no such account.
 */
export type QuiqupCredentialsResolver = (
  accountId: string,
) => QuiqupClientCredentials | null | undefined | Promise<QuiqupClientCredentials | null | undefined>;

/** The options of `QuiqupAuthModule.forAccounts`: what all accounts share, and where their credentials come from. */
export interface QuiqupAccountsModuleOptions extends Omit<
  QuiqupAuthModuleOptions,
  'clientId' | 'clientSecret' | 'warmUp'
> {
  /** Looks an account's credentials up, in a database say. */
  resolveCredentials: QuiqupCredentialsResolver;
  /**
   * How many accounts are kept in memory. Above it, the one that `get` was asked for least recently makes room.
   * @default 1000
   */
  maxAccounts?: number | undefined;
  /**
   * After how long without a `get` an account is dropped from memory, in ms.
   * @default 3600000 (an hour)
   */
  idleTimeout?: number | undefined;
}

/** What a class given as `useClass` or `useExisting` to `forAccountsAsync` implements. */
export interface QuiqupAccountsOptionsFactory {
  createQuiqupAccountsOptions(): QuiqupAccountsModuleOptions | Promise<QuiqupAccountsModuleOptions>;
}

/** What `forAccounts` and `forAccountsAsync` take besides the options. */
export type QuiqupAccountsModuleExtras = Pick<QuiqupAuthModuleExtras, 'isGlobal'>;

/** What `forAccountsAsync` takes: `imports`, and one of `useFactory` with `inject`, `useClass`, `useExisting`. */
export interface QuiqupAccountsModuleAsyncOptions
  extends
    ConfigurableModuleAsyncOptions<QuiqupAccountsModuleOptions, 'createQuiqupAccountsOptions'>,
    QuiqupAccountsModuleExtras {}
