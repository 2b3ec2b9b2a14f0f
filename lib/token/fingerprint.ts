import { createHash } from 'node:crypto';

/** Tells tokens apart in logs and events: the first 8 hex digits of the SHA-256, which lead back to no token. */
export function fingerprintOf(accessToken: string): string {
  return createHash('sha256').update(accessToken).digest('hex').slice(0, 8);
}
