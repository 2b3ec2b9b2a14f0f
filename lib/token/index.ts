export { AuthEvents } from './auth-events.js';
export { resolveCredentials, type Credentials, type CredentialsSource } from './credentials.js';
export { requestFirstToken } from './first-token.js';
export { QuiqupAccessToken } from './quiqup-access-token.js';
export type {
  QuiqupAuthEvent,
  QuiqupBudgetSpentEvent,
  QuiqupCallNotRecoveredEvent,
  QuiqupCallRecoveredEvent,
  QuiqupCallRejectedEvent,
  QuiqupGrantType,
  QuiqupRenewalCause,
  QuiqupRenewalFailedEvent,
  QuiqupTokenAcquiredEvent,
  QuiqupTokenAdoptedEvent,
  QuiqupTokenRequestEvent,
  QuiqupTokenReusedEvent,
} from './quiqup-auth-event.js';
export { QuiqupTokenService, type QuiqupTokenWaitOptions } from './quiqup-token.service.js';
export { RejectionBudget } from './rejection-budget.js';
export { settleWithin } from './settle-within.js';
export { ageOf } from './token-ages.js';
export { TokenAcquisition } from './token-acquisition.js';
export { createTokenClient, TokenEndpoint } from './token-endpoint.js';
export { TokenRecovery, type Replacement } from './token-recovery.js';
export { TokenRenewal } from './token-renewal.js';
export { wallClock } from './wall-clock.js';
