import { inspect } from 'node:util';
import { fingerprintOf } from './fingerprint.js';

/** A token with what is known of it. Printed or serialised it shows its fingerprint, never itself. */
export class QuiqupAccessToken {
  readonly #accessToken: string;
  /** How it is sent (RFC 6750 section 2.1). */
  readonly tokenType = 'Bearer';
  /** When it ends, by this machine's wall clock. */
  readonly expiresAt: Date;

  constructor(accessToken: string, expiresAt: Date) {
    this.#accessToken = accessToken;
    this.expiresAt = expiresAt;
  }

  /** The value for the `Authorization` header, after `Bearer `. */
  get accessToken(): string {
    return this.#accessToken;
  }

  /** Tells tokens apart in logs: 8 hex digits of a hash. */
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
