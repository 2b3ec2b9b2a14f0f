import { inspect } from 'node:util';
import { fingerprintOf } from './fingerprint.js';

/** A token with its details. When you print or serialise it, it shows its fingerprint, never the token. */
export class QuiqupAccessToken {
  readonly #accessToken: string;
  /** The scheme of the `Authorization` header (RFC 6750 section 2.1). */
  readonly tokenType = 'Bearer';
  /** When the token expires, on the wall clock of this machine. */
  readonly expiresAt: Date;

  constructor(accessToken: string, expiresAt: Date) {
    this.#accessToken = accessToken;
    this.expiresAt = expiresAt;
  }

  /** The value for the `Authorization` header, after `Bearer `. */
  get accessToken(): string {
    return this.#accessToken;
  }

  /** Identifies the token in logs: 8 hex digits of a hash. */
  get fingerprint(): string {
    return fingerprintOf(this.#accessToken);
  }

  toJSON(): { tokenType: string; fingerprint: string; expiresAt: string } {
    const { tokenType, fingerprint, expiresAt } = this;
    return { tokenType, fingerprint, expiresAt: expiresAt.toISOString() };
  }

  [inspect.custom](): string {
    return `QuiqupAccessToken ${inspect(this.toJSON())}`;
  }
}
