import { jsonAnswer, type SimulatedAnswer, type SimulatedApi } from './simulated-answer.js';

/**
 * The shape of the token endpoint's errors:
 *
 * - `oauth`: `{ error, error_description }` (RFC 6749 section 5.2)
 * - `quiqup`: `{ code, message, details }`, the shape of Quiqup's platform
 */
export type QuiqupSimulatorTokenErrors = 'oauth' | 'quiqup';

/** The shape of an error's body. */
export type SimulatedErrorShape = QuiqupSimulatorTokenErrors | SimulatedApi;

/** The problem of one field of a request. */
export interface SimulatedFieldError {
  readonly field: string;
  readonly message: string;
}

export interface SimulatedError {
  readonly status: number;
  /** Default that of the status. */
  readonly code?: string | undefined;
  /** Default that of the status. */
  readonly message?: string | undefined;
  readonly fields?: readonly SimulatedFieldError[] | undefined;
}

interface ErrorKind {
  readonly quiqup: string;
  readonly oauth: string;
  readonly message: string;
}

const KINDS: Readonly<Record<number, ErrorKind>> = {
  400: { quiqup: 'invalid_argument', oauth: 'invalid_request', message: 'the request is invalid' },
  401: { quiqup: 'unauthenticated', oauth: 'invalid_client', message: 'the request is not authenticated' },
  403: { quiqup: 'permission_denied', oauth: 'unauthorized_client', message: 'the client may not do that' },
  404: { quiqup: 'not_found', oauth: 'not_found', message: 'not found' },
  409: { quiqup: 'already_exists', oauth: 'invalid_request', message: 'the request conflicts with the present state' },
  422: { quiqup: 'invalid_argument', oauth: 'invalid_request', message: 'the request cannot be processed' },
  429: { quiqup: 'resource_exhausted', oauth: 'temporarily_unavailable', message: 'too many requests' },
  499: { quiqup: 'canceled', oauth: 'temporarily_unavailable', message: 'the request was canceled' },
  500: { quiqup: 'internal', oauth: 'server_error', message: 'internal error' },
  503: { quiqup: 'unavailable', oauth: 'temporarily_unavailable', message: 'the service is unavailable' },
  504: { quiqup: 'deadline_exceeded', oauth: 'temporarily_unavailable', message: 'the service took too long' },
};
const OTHER_OF_CLIENT: ErrorKind = { quiqup: 'invalid_argument', oauth: 'invalid_request', message: 'bad request' };
const OTHER_OF_SERVER: ErrorKind = { quiqup: 'unknown', oauth: 'server_error', message: 'unknown error' };

function kindOf(status: number): ErrorKind {
  return KINDS[status] ?? (status < 500 ? OTHER_OF_CLIENT : OTHER_OF_SERVER);
}

function challenge(code: string, description?: string): string {
  return `Bearer realm="Quiqup", error="${code}"${description ? `, error_description="${description}"` : ''}`;
}

function oauthError(error: Required<Omit<SimulatedError, 'fields'>>): SimulatedAnswer {
  const { status, code, message } = error;
  return jsonAnswer(
    status,
    { error: code, error_description: message },
    { 'Cache-Control': 'no-store', 'WWW-Authenticate': challenge(String(code)) },
  );
}

function platformBody({ code, message, fields }: SimulatedError): object {
  return { code, message, details: fields ? { fields } : null };
}

function lastMileBody({ status, code, message, fields = [] }: SimulatedError): object {
  const details = fields.map(({ field, message: wrong }) => ({ detail: `${field} ${wrong}` }));
  return {
    error: message,
    errors: details.length > 0 ? details : [{ detail: message }],
    error_details: null,
    api_error: {
      id: code,
      code,
      message,
      human: message,
      http_status_code: status,
      attribute_errors: fields,
    },
  };
}

/** An error of Quiqup. Missing texts are those of the status. */
export function errorAnswer(shape: SimulatedErrorShape, error: SimulatedError): SimulatedAnswer {
  const kind = kindOf(error.status);
  const { status, code = kind[shape === 'oauth' ? 'oauth' : 'quiqup'], message = kind.message } = error;
  if (shape === 'oauth') {
    return oauthError({ status, code, message });
  }
  if (status === 401 && shape !== 'quiqup') {
    return refusedToken(shape, message);
  }
  const body = shape === 'last-mile' ? lastMileBody : platformBody;
  return jsonAnswer(status, body({ ...error, code, message }));
}

/** The 401 of a call: the last mile gives the reason in the header alone. */
function refusedToken(api: SimulatedApi, message: string): SimulatedAnswer {
  // Characters that a header cannot hold are omitted.
  const description = message.replaceAll(/[^ !#-[\]-~]/g, '');
  const headers = { 'WWW-Authenticate': challenge('invalid_token', description) };
  return api === 'platform'
    ? jsonAnswer(401, { code: 'unauthenticated', message, details: null }, headers)
    : { status: 401, headers, body: '' };
}
