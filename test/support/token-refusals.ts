export const REFUSED = 'QUIQUP_CREDENTIALS_REFUSED';
export const WRONG = 'QUIQUP_TOKEN_REQUEST_REFUSED';
export const NOT_FOUND = 'QUIQUP_TOKEN_ENDPOINT_NOT_FOUND';
export const LIMITED = 'QUIQUP_RATE_LIMITED';
export const UNAVAILABLE = 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE';
export const INVALID = 'QUIQUP_TOKEN_RESPONSE_INVALID';

/** The known error codes of a body, of OAuth and of Quiqup, and the codes of their errors. */
export const KNOWN_ERROR_CODES: readonly (readonly [word: string, code: string])[] = [
  ['temporarily_unavailable', UNAVAILABLE],
  ['server_error', UNAVAILABLE],
  ['invalid_token_reuse', UNAVAILABLE],
  ['invalid_client', REFUSED],
  ['unauthorized_client', REFUSED],
  ['unsupported_grant_type', WRONG],
  ['invalid_scope', WRONG],
  ['invalid_request', WRONG],
  ['invalid_grant', WRONG],
  ['unauthenticated', REFUSED],
  ['permission_denied', REFUSED],
  ['invalid_argument', WRONG],
  ['failed_precondition', WRONG],
  ['not_found', NOT_FOUND],
  ['resource_exhausted', LIMITED],
  ['canceled', UNAVAILABLE],
  ['data_loss', UNAVAILABLE],
  ['deadline_exceeded', UNAVAILABLE],
  ['internal', UNAVAILABLE],
  ['unavailable', UNAVAILABLE],
  ['unknown', UNAVAILABLE],
];
