import { QuiqupAuthError, QuiqupTokenEndpointUnavailableError } from '../errors/index.js';

/** Everything below fails typed; anything else is a defect, which must not end the schedule either. */
export function asAuthError(error: unknown): QuiqupAuthError {
  return error instanceof QuiqupAuthError
    ? error
    : new QuiqupTokenEndpointUnavailableError('Fetching a token failed for an unforeseen reason; it is tried again.');
}
