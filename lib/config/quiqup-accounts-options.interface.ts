import type { ConfigurableModuleAsyncOptions } from '@nestjs/common';
import type { QuiqupAuthModuleExtras, QuiqupAuthModuleOptions } from './quiqup-auth-options.interface.js';

/** The credentials of one account. */
export interface QuiqupClientCredentials {
  /** The client id that Quiqup gave for this environment. */
  readonly clientId: string;
  /** The client secret that belongs to it. */
  readonly clientSecret: string;
}

/**
 * Looks up the credentials of an account. The module calls it when the account is first used and before each token
 * request, so that changed credentials need no restart. It must return within `timeouts.tokenRequest`. `undefined` or
 * `null` means that there is no such account.
 */
export type QuiqupCredentialsResolver = (
  accountId: string,
) => QuiqupClientCredentials | null | undefined | Promise<QuiqupClientCredentials | null | undefined>;

/** The options of `QuiqupAuthModule.forAccounts`: what all accounts share, and where their credentials come from. */
export interface QuiqupAccountsModuleOptions extends Omit<
  QuiqupAuthModuleOptions,
  'clientId' | 'clientSecret' | 'warmUp'
> {
  /** Looks up the credentials of an account, for example in a database. */
  resolveCredentials: QuiqupCredentialsResolver;
  /**
   * How many accounts stay in memory. Above it, the account with the least recent `get` is dropped.
   * @default 1000
   */
  maxAccounts?: number | undefined;
  /**
   * How long an account stays in memory without a `get`, in ms.
   * @default 3600000 (an hour)
   */
  idleTimeout?: number | undefined;
}

/** Implemented by a class for `useClass` or `useExisting` of `forAccountsAsync`. */
export interface QuiqupAccountsOptionsFactory {
  createQuiqupAccountsOptions(): QuiqupAccountsModuleOptions | Promise<QuiqupAccountsModuleOptions>;
}

/** The settings of `forAccounts` and `forAccountsAsync` besides the options. */
export type QuiqupAccountsModuleExtras = Pick<QuiqupAuthModuleExtras, 'isGlobal'>;

/** The argument of `forAccountsAsync`: `imports`, and one of `useFactory` with `inject`, `useClass`, `useExisting`. */
export interface QuiqupAccountsModuleAsyncOptions
  extends
    ConfigurableModuleAsyncOptions<QuiqupAccountsModuleOptions, 'createQuiqupAccountsOptions'>,
    QuiqupAccountsModuleExtras {}
