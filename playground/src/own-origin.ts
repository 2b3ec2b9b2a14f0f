import type { IncomingMessage, ServerResponse } from 'node:http';

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Headers of every response: the page runs only its own scripts, and no other page can embed it. */
const HEADERS = new Headers({
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
});

function isLoopback(host: string): boolean {
  return LOOPBACK.test(host) || host === '::1';
}

/**
 * Serves this machine's own programs and pages alone. No route asks for a login, so a page of another origin, opened in
 * a browser that can reach us, must get at none of them.
 *
 * @param host the address that the server is bound to
 */
export function ownOriginOnly(host: string) {
  const isBoundToLoopback = isLoopback(host);
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    response.setHeaders(HEADERS);
    const refuse = (statusCode: number, message: string): void => {
      response
        .writeHead(statusCode, { 'Content-Type': 'application/json' })
        .end(JSON.stringify({ statusCode, message }));
    };
    // Under a name of its own, a page of another origin would be one of ours (DNS rebinding).
    if (isBoundToLoopback && !isLoopback(hostnameOf(request.headers.host))) {
      refuse(421, 'This is no host of mine.');
    } else if (isFromElsewhere(request)) {
      refuse(403, 'Requests from another origin are refused.');
    } else if (request.method === 'POST' && !isJson(request)) {
      // A form of another origin cannot send this type.
      refuse(415, 'Send JSON.');
    } else {
      next();
    }
  };
}

function isJson({ headers }: IncomingMessage): boolean {
  return headers['content-type']?.split(';')[0]?.trim().toLowerCase() === 'application/json';
}

function hostnameOf(host: string | undefined): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
}

function isFromElsewhere({ method, url, headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  if (origin !== undefined && origin !== `http://${host}`) {
    return true;
  }
  // Only browsers send it. A link may lead to the page, but not to a route that calls Quiqup.
  const site = headers['sec-fetch-site'] ?? 'same-origin';
  const isLinkToPage = method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && url?.split('?')[0] === '/';
  return site !== 'same-origin' && site !== 'none' && !isLinkToPage;
}
