import type { SchedulerRegistry } from '@nestjs/schedule';
import type { AxiosInstance } from 'axios';
import type { QuiqupAuthConfig, QuiqupSharedConfig } from '../config/index.js';
import { AuthorizingAdapter, type TrustedOrigins } from '../http/index.js';
import { TokenRefresher } from '../refresh/index.js';
import type { MeetingPoint } from '../store/index.js';
import {
  QuiqupTokenService,
  TokenAcquisition,
  TokenEndpoint,
  TokenRecovery,
  TokenRenewal,
  type AuthEvents,
  type CredentialsSource,
  type RejectionBudget,
} from '../token/index.js';

/*
 * How one account's classes are put together, from the floor up: by Nest for accounts that are registered, where each
 * part can be overridden, and by `AccountKeeper` for those that come and go.
 */

/** What accounts may share with one another. */
export interface AccountSurroundings {
  readonly config: QuiqupSharedConfig;
  readonly meetingPoint: MeetingPoint;
  readonly tokenClient: AxiosInstance;
}

/**
 * @param suffix tells the account from others in the log: empty, or its name after a colon
 */
export function createTokenRenewal(
  { config, meetingPoint, tokenClient }: AccountSurroundings,
  askCredentials: CredentialsSource,
  budget: RejectionBudget,
  events: AuthEvents,
  suffix: string,
): TokenRenewal {
  const endpoint = new TokenEndpoint(config, events, tokenClient);
  const acquisition = new TokenAcquisition(config, endpoint, meetingPoint);
  return new TokenRenewal(config, askCredentials, acquisition, budget, events, `QuiqupAuth${suffix}`);
}

export function createTokenRecovery(
  { timeouts }: QuiqupSharedConfig,
  renewal: TokenRenewal,
  budget: RejectionBudget,
  events: AuthEvents,
): TokenRecovery {
  return new TokenRecovery(renewal, budget, events, timeouts.wait);
}

export function createTokenService(
  { timeouts }: QuiqupSharedConfig,
  renewal: TokenRenewal,
  recovery: TokenRecovery,
  events: AuthEvents,
): QuiqupTokenService {
  return new QuiqupTokenService(renewal, recovery, events, timeouts.wait);
}

/**
 * @param suffix tells the account's timer from others
 */
export function createTokenRefresher(
  config: QuiqupSharedConfig & Partial<Pick<QuiqupAuthConfig, 'warmUp'>>,
  renewal: TokenRenewal,
  events: AuthEvents,
  registry: SchedulerRegistry,
  suffix: string,
): TokenRefresher {
  return new TokenRefresher(config, renewal, events, registry, `quiqup-auth:refresh${suffix}`);
}

export function createAuthorizingAdapter(
  trusted: TrustedOrigins,
  renewal: TokenRenewal,
  recovery: TokenRecovery,
  tokens: QuiqupTokenService,
): AuthorizingAdapter {
  return new AuthorizingAdapter(tokens, renewal, recovery, trusted);
}
