import type { AxiosRequestConfig } from 'axios';
import { deleteAuthorization, hasAuthorization, takeAuthorization } from './authorization-header.js';

type BeforeRedirect = NonNullable<AxiosRequestConfig['beforeRedirect']>;

/** Where the next request goes: `href` is the redirect's target, the others are what the request is made from. */
const DESTINATION = ['href', 'protocol', 'host', 'hostname', 'port', 'socketPath'] as const;

function destinationOf(options: Record<string, unknown>): string {
  return JSON.stringify(DESTINATION.map((part) => options[part]));
}

/**
 * Lets the token follow a redirect only to a trusted origin. What axios and follow-redirects keep it for is not enough:
 * axios before 1.21 sends it on to a subdomain, and to whatever a `Host` header of the call's own names.
 *
 * @param own the caller's, which never sees the token, and may lead the redirect elsewhere
 * @param onRedirect hears whether the token goes along
 */
export function redirectGuard(
  own: BeforeRedirect | undefined,
  trusts: (url: string) => boolean,
  onRedirect: (keepsToken: boolean) => void,
): BeforeRedirect {
  return (options, response, request) => {
    const token = takeAuthorization(options['headers'] as Record<string, unknown>);
    // An older axios gives none.
    deleteAuthorization((request as typeof request | undefined)?.headers);
    const destination = destinationOf(options);
    own?.(options, response, request);
    const headers = options['headers'] as Record<string, unknown>;
    const keepsToken =
      token !== undefined &&
      !hasAuthorization(headers) &&
      destinationOf(options) === destination &&
      trusts(String(options['href']));
    if (keepsToken) {
      const [name, value] = token;
      headers[name] = value;
    }
    onRedirect(keepsToken);
  };
}
