import { createHash } from 'node:crypto';

/** Identifies a token in logs and events: the first 8 hex digits of the SHA-256, which do not reveal the token. */
export function fingerprintOf(accessToken: string): string {
  return createHash('sha256').update(accessToken).digest('hex').slice(0, 8);
}
