import type { Attributes } from '@opentelemetry/api';
import type { QuiqupTokenRequestEvent } from '../token/index.js';

/** The stable names of OpenTelemetry's semantic conventions. All other names are under `quiqup.auth`. */
const HTTP_REQUEST_METHOD = 'http.request.method';
const HTTP_RESPONSE_STATUS_CODE = 'http.response.status_code';
export const ERROR_TYPE = 'error.type';
const SERVER_ADDRESS = 'server.address';
const SERVER_PORT = 'server.port';
export const URL_FULL = 'url.full';

const ACCOUNT = 'quiqup.auth.account';
const GRANT_TYPE = 'quiqup.auth.grant_type';
export const CAUSE = 'quiqup.auth.renewal.cause';
export const RESULT = 'quiqup.auth.renewal.result';
export const OUTCOME = 'quiqup.auth.recovery.outcome';

/** For all accounts of `forAccounts`, whose ids are unbounded. `_OTHER` is OpenTelemetry's own value for that. */
export const MANY_ACCOUNTS = '_OTHER';

/** The account without a name has no attribute. */
export function accountAttributes(name: string | undefined): Attributes {
  return name === undefined ? {} : { [ACCOUNT]: name };
}

export function serverAttributes(url: URL): Attributes {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { [SERVER_ADDRESS]: url.hostname, [SERVER_PORT]: port };
}

export function tokenRequestAttributes({ grantType, outcome, status }: QuiqupTokenRequestEvent): Attributes {
  return {
    [HTTP_REQUEST_METHOD]: 'POST',
    [GRANT_TYPE]: grantType,
    ...(status !== undefined && { [HTTP_RESPONSE_STATUS_CODE]: status }),
    ...(outcome !== 'success' && { [ERROR_TYPE]: outcome }),
  };
}
