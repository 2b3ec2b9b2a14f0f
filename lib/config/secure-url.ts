/** 127.0.0.0/8 in the form that the WHATWG parser makes of every notation (`127.1`, `0x7f000001`). */
const LOOPBACK_IPV4 = /^127(?:\.\d{1,3}){3}$/;

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || LOOPBACK_IPV4.test(hostname);
}

// Not `URL.canParse`: once Node 20 has optimised the caller, it reads Latin-1 as UTF-8 and rejects valid URLs.
export function parseUrl(value: string): URL | undefined {
  try {
    return new URL(value);
  } catch {
    return undefined;
  }
}

/**
 * The URL if a secret may be sent to it, otherwise `undefined`: TLS is required (RFC 6749 section 3.2), except on this
 * machine, and a URL with its own credentials is refused.
 */
export function parseSecureUrl(value: string): URL | undefined {
  const url = parseUrl(value);
  if (url === undefined) {
    return undefined;
  }
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
  return secure && url.username === '' && url.password === '' ? url : undefined;
}
