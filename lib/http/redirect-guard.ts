import type { AxiosRequestConfig } from 'axios';
import { deleteAuthorization, hasAuthorization, takeAuthorization } from './authorization-header.js';

type BeforeRedirect = NonNullable<AxiosRequestConfig['beforeRedirect']>;

/** The next request: `href` is the redirect's target, the other properties make the request. */
const DESTINATION = [
  'href',
  'protocol',
  'host',
  'hostname',
  'port',
  'socketPath',
  'servername',
  'lookup',
  'agent',
  'agents',
  'createConnection',
] as const;

function destinationOf(options: Record<string, unknown>): unknown[] {
  return [...DESTINATION.map((part) => options[part]), hostHeaderOf(options['headers'] as Record<string, unknown>)];
}

/** The header that tells TLS and proxies in front of the server which server is meant. */
function hostHeaderOf(headers: Record<string, unknown>): unknown {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === 'host')?.[1];
}

function isSame(one: unknown[], other: unknown[]): boolean {
  return one.every((part, index) => part === other[index]);
}

/**
 * Lets the token follow a redirect only to a trusted origin. The rules of axios and follow-redirects are not enough:
 * axios before 1.21 sends it to a subdomain, and to the host that the call's own `Host` header names.
 *
 * @param own the caller's function, which never sees the token and may change the target
 * @param onRedirect receives whether the token follows
 */
export function redirectGuard(
  own: BeforeRedirect | undefined,
  trusts: (url: string) => boolean,
  onRedirect: (keepsToken: boolean) => void,
): BeforeRedirect {
  return (options, response, request) => {
    const token = takeAuthorization(options['headers'] as Record<string, unknown>);
    // An older axios passes none.
    deleteAuthorization((request as typeof request | undefined)?.headers);
    const destination = destinationOf(options);
    own?.(options, response, request);
    const headers = options['headers'] as Record<string, unknown>;
    const keepsToken =
      token !== undefined &&
      !hasAuthorization(headers) &&
      isSame(destination, destinationOf(options)) &&
      trusts(String(options['href']));
    if (keepsToken) {
      const [name, value] = token;
      headers[name] = value;
    }
    onRedirect(keepsToken);
  };
}
