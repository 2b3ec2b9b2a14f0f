export { QuiqupAccessToken } from './quiqup-access-token.js';
export type {
  QuiqupAuthEvent,
  QuiqupRenewalCause,
  QuiqupRenewalFailedEvent,
  QuiqupTokenAcquiredEvent,
  QuiqupTokenAdoptedEvent,
  QuiqupTokenReusedEvent,
} from './quiqup-auth-event.js';
export { QuiqupTokenService, type QuiqupTokenWaitOptions } from './quiqup-token.service.js';
export { settleWithin } from './settle-within.js';
export { TokenAcquisition } from './token-acquisition.js';
export { TokenEndpoint } from './token-endpoint.js';
export { TokenRenewal } from './token-renewal.js';
