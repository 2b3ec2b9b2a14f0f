import { QuiqupAuthError, QuiqupTokenEndpointUnavailableError } from '../errors/index.js';

/** Every expected error is typed. Another error is a defect; it is wrapped so that the schedule goes on. */
export function asAuthError(error: unknown): QuiqupAuthError {
  return error instanceof QuiqupAuthError
    ? error
    : new QuiqupTokenEndpointUnavailableError('Fetching a token failed for an unforeseen reason; it is tried again.');
}
