import type { ModulesContainer } from '@nestjs/core';
import type { Attributes } from '@opentelemetry/api';
import type { Observable } from 'rxjs';
import { AccountRuntime, QuiqupAccounts, type QuiqupAccountsEvent } from '../accounts/index.js';
import type { QuiqupAccountsConfig, QuiqupAuthConfig } from '../config/index.js';
import { QuiqupAccountsModule } from '../quiqup-accounts.module.js';
import { QuiqupAuthModule } from '../quiqup-auth.module.js';
import { ACCOUNT_NAME, ACCOUNTS_CONFIG, getQuiqupProviderToken, QUIQUP_AUTH_CONFIG } from '../quiqup-auth.tokens.js';
import { systemClock } from '../time/index.js';
import { QuiqupTokenService, type QuiqupAuthEvent } from '../token/index.js';
import { accountAttributes, MANY_ACCOUNTS } from './semantic-conventions.js';

/** One account of the application, or all accounts of its database, for telemetry. */
export interface ObservedAccount {
  /** The attributes of every metric. */
  readonly attributes: Attributes;
  /** The attributes of the span of this event. */
  readonly spanAttributes: (event: QuiqupAuthEvent | QuiqupAccountsEvent) => Attributes;
  readonly events$: Observable<QuiqupAuthEvent | QuiqupAccountsEvent>;
  /** The address of the token endpoint. */
  readonly tokenUrl: URL;
  /** The time until the token in hand ends, in s; `undefined` without one, and for several accounts. */
  readonly expiresIn: () => number | undefined;
}

type Module = ModulesContainer extends Map<string, infer M> ? M : never;

/** All accounts of the application, except those whose service a test replaced by one without events. */
export function observedAccounts(modules: ModulesContainer): ObservedAccount[] {
  return [...modules.values()].flatMap((module) => {
    switch (module.metatype) {
      case QuiqupAuthModule:
        return registeredAccount(module);
      case QuiqupAccountsModule:
        return accountsFromDatabase(module);
      default:
        return [];
    }
  });
}

function registeredAccount({ providers }: Module): ObservedAccount[] {
  const name = (providers.get(ACCOUNT_NAME)?.instance as string | null) ?? undefined;
  const tokens = providers.get(getQuiqupProviderToken(QuiqupTokenService, name))?.instance as
    Partial<QuiqupTokenService> | undefined;
  const config = providers.get(getQuiqupProviderToken(QUIQUP_AUTH_CONFIG, name))?.instance as QuiqupAuthConfig;
  const runtime = providers.get(AccountRuntime)?.instance as AccountRuntime;
  if (tokens?.events$ === undefined) {
    return [];
  }
  const attributes = accountAttributes(name);
  return [
    {
      attributes,
      spanAttributes: () => attributes,
      events$: tokens.events$,
      tokenUrl: new URL(config.tokenUrl),
      expiresIn: () => expiresIn(runtime),
    },
  ];
}

/** Metrics combine all accounts: hundreds of time series would overload a metrics backend. */
function accountsFromDatabase({ providers }: Module): ObservedAccount[] {
  const accounts = providers.get(QuiqupAccounts)?.instance as Partial<QuiqupAccounts> | undefined;
  const config = providers.get(ACCOUNTS_CONFIG)?.instance as QuiqupAccountsConfig;
  if (accounts?.events$ === undefined) {
    return [];
  }
  const attributes = accountAttributes(MANY_ACCOUNTS);
  return [
    {
      attributes,
      spanAttributes: (event) => ('accountId' in event ? accountAttributes(event.accountId) : attributes),
      events$: accounts.events$,
      tokenUrl: new URL(config.tokenUrl),
      expiresIn: () => undefined,
    },
  ];
}

function expiresIn({ memory: { held } }: AccountRuntime): number | undefined {
  return held && Math.max(0, (held.expiresAt - systemClock.now()) / 1_000);
}
