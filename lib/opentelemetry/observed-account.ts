import type { Attributes } from '@opentelemetry/api';
import type { ModulesContainer } from '@nestjs/core';
import type { QuiqupAuthConfig } from '../config/index.js';
import { QuiqupAuthModule } from '../quiqup-auth.module.js';
import { ACCOUNT_NAME, getQuiqupProviderToken, QUIQUP_AUTH_CONFIG } from '../quiqup-auth.tokens.js';
import { QuiqupTokenService, TokenRenewal, tokenUrlOf } from '../token/index.js';
import { accountAttributes } from './semantic-conventions.js';

/** One account of the application, as telemetry sees it. */
export interface ObservedAccount {
  /** On everything that is told of it. */
  readonly attributes: Attributes;
  readonly events$: QuiqupTokenService['events$'];
  /** The address of its token endpoint. */
  readonly tokenUrl: URL;
  /** Until the token in hand ends, in s; `undefined` without one. */
  readonly expiresIn: () => number | undefined;
}

/** Every account of the application. A token service that a test has replaced by one without events is left out. */
export function observedAccounts(modules: ModulesContainer): ObservedAccount[] {
  return [...modules.values()]
    .filter(({ metatype }) => metatype === QuiqupAuthModule)
    .flatMap(({ providers }) => {
      const name = (providers.get(ACCOUNT_NAME)?.instance as string | null) ?? undefined;
      const tokens = providers.get(getQuiqupProviderToken(QuiqupTokenService, name))?.instance as
        Partial<QuiqupTokenService> | undefined;
      const config = providers.get(getQuiqupProviderToken(QUIQUP_AUTH_CONFIG, name))?.instance as QuiqupAuthConfig;
      const renewal = providers.get(TokenRenewal)?.instance as TokenRenewal;
      if (tokens?.events$ === undefined) {
        return [];
      }
      return {
        attributes: accountAttributes(name),
        events$: tokens.events$,
        tokenUrl: tokenUrlOf(config),
        expiresIn: () => expiresIn(renewal),
      };
    });
}

function expiresIn({ current }: TokenRenewal): number | undefined {
  return current && Math.max(0, (current.expiresAt - performance.now()) / 1_000);
}
