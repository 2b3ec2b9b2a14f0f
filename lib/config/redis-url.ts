import { parseUrl } from './secure-url.js';

const PROTOCOL = /^rediss?:\/\//i;
/** The path for a database: none, or its number. */
const DATABASE = /^\/?(\d{0,5})$/;

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether a Redis client accepts the URL and reads it as intended. */
export function isRedisUrl(value: string): boolean {
  const url = PROTOCOL.test(value) ? parseUrl(value) : undefined;
  if (url === undefined) {
    return false;
  }
  const { hostname, port, pathname, search, hash, username, password } = url;
  return (
    hostname !== '' &&
    // The URL parser keeps a percent sign in the host, and no resolver knows such a host.
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

/** The address and database of a Redis URL, without user name and password. */
export function shownRedisUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  const database = DATABASE.exec(pathname)?.[1] ?? '';
  return `${protocol}//${host}${database === '' ? '' : `/${database}`}`;
}
