export { AuthEvents } from './auth-events.js';
export { resolveCredentials, type Credentials, type CredentialsSource } from './credentials.js';
export { QuiqupAccessToken } from './quiqup-access-token.js';
export type {
  QuiqupAuthEvent,
  QuiqupBudgetExhaustedEvent,
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
export { RenewalOutcomes } from './renewal-outcomes.js';
export { requestToken } from './request-token.js';
export { SharedLookup } from './shared-lookup.js';
export { SharedRecords } from './shared-records.js';
export { TokenAcquisition } from './token-acquisition.js';
export { createTokenClient, TokenClient } from './token-client.js';
export { TokenEndpoint } from './token-endpoint.js';
export { TokenFetch } from './token-fetch.js';
export { TokenLog } from './token-log.js';
export { TokenMemory } from './token-memory.js';
export { TokenRecovery, type Replacement } from './token-recovery.js';
export { TokenRenewal } from './token-renewal.js';
export { TurnQueue } from './turn-queue.js';
