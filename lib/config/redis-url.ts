import { parseUrl } from './secure-url.js';

const PROTOCOL = /^rediss?:\/\//i;
/** What stands for a database: none, or its number. */
const DATABASE = /^\/?(\d{0,5})$/;

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether a client of Redis takes the URL, and as it was meant. */
export function isRedisUrl(value: string): boolean {
  const url = PROTOCOL.test(value) ? parseUrl(value) : undefined;
  if (url === undefined) {
    return false;
  }
  const { hostname, port, pathname, search, hash, username, password } = url;
  return (
    hostname !== '' &&
    // Kept as it is in a host, which no resolver knows then.
    !hostname.includes('%') &&
    port !== '0' &&
    DATABASE.test(pathname) &&
    // A password with ? or # ends the URL before its host.
    !search.includes('@') &&
    hash === '' &&
    isDecodable(username) &&
    isDecodable(password)
  );
}

/** Where Redis is, and which of its databases, without the user name and password that its URL may have. */
export function shownRedisUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  const database = DATABASE.exec(pathname)?.[1] ?? '';
  return `${protocol}//${host}${database === '' ? '' : `/${database}`}`;
}
