/** 127.0.0.0/8 in the one form that the WHATWG parser leaves, whatever was written (`127.1`, `0x7f000001`). */
const LOOPBACK_IPV4 = /^127(?:\.\d{1,3}){3}$/;

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || LOOPBACK_IPV4.test(hostname);
}

// Not `URL.canParse`: once Node 20 has compiled its caller, it takes Latin-1 for UTF-8 and good URLs for bad ones.
export function parseUrl(value: string): URL | undefined {
  try {
    return new URL(value);
  } catch {
    return undefined;
  }
}

/**
 * The URL if a secret may travel to it, else `undefined`: TLS is required (RFC 6749 section 3.2), except on this
 * machine, and a URL that holds credentials of its own is not taken.
 */
export function parseSecureUrl(value: string): URL | undefined {
  const url = parseUrl(value);
  if (url === undefined) {
    return undefined;
  }
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
  return secure && url.username === '' && url.password === '' ? url : undefined;
}
