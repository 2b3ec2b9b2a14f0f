/** 127.0.0.0/8 in the one form that the WHATWG parser leaves, whatever was written (`127.1`, `0x7f000001`). */
const LOOPBACK_IPV4 = /^127(?:\.\d{1,3}){3}$/;

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || LOOPBACK_IPV4.test(hostname);
}

/**
 * The URL if a secret may travel to it, else `undefined`: TLS is required (RFC 6749 section 3.2), except on this
 * machine, and a URL that holds credentials of its own is not taken.
 */
export function parseSecureUrl(value: string): URL | undefined {
  if (!URL.canParse(value)) {
    return undefined;
  }
  const url = new URL(value);
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
  return secure && url.username === '' && url.password === '' ? url : undefined;
}
