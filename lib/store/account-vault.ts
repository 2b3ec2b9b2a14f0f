import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

/** Whose entries they are. */
interface Account {
  /** The platform API that issues the tokens. */
  readonly baseUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

const FORMAT = 'v1';
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Far above any token; what is larger was not written here. */
const MAX_SEALED_LENGTH = 16 * 1024;

function derive(account: Account, purpose: string): Buffer {
  // The base URL and client id as salt: two accounts that happen to share a secret share no key.
  const salt = createHash('sha256')
    .update(JSON.stringify([account.baseUrl, account.clientId]))
    .digest();
  return Buffer.from(
    hkdfSync('sha256', account.clientSecret, salt, `nestjs-quiqup-auth ${FORMAT} ${purpose}`, KEY_BYTES),
  );
}

/**
 * Names and seals one account's entries in a store that others can read. Both depend on the client secret, so no
 * other account, environment or secret ever finds or opens them; a rotated secret starts with entries of its own.
 *
 * Sealed with AES-256-GCM under a key from HKDF-SHA256 (RFC 5869); the nonce is random and the entry's key is
 * authenticated, so that an entry copied to another key does not open.
 */
export class AccountVault {
  readonly #prefix: string;
  readonly #sealingKey: Buffer;

  constructor(account: Account) {
    // In braces: the hash tag that keeps an account's keys in one slot of a Redis Cluster.
    this.#prefix = `quiqup-auth:{${derive(account, 'name').toString('base64url').slice(0, 22)}}`;
    this.#sealingKey = derive(account, 'seal');
  }

  keyOf(kind: 'token' | 'lock' | 'failure' | 'budget' | 'probe'): string {
    return `${this.#prefix}:${kind}`;
  }

  seal(key: string, text: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#sealingKey, nonce);
    cipher.setAAD(Buffer.from(`${FORMAT} ${key}`));
    const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${FORMAT}.${sealed.toString('base64url')}`;
  }

  /** The text, or `undefined` for whatever {@link seal} did not write under this key. */
  open(key: string, entry: unknown): string | undefined {
    if (typeof entry !== 'string' || entry.length > MAX_SEALED_LENGTH || !entry.startsWith(`${FORMAT}.`)) {
      return undefined;
    }
    const sealed = Buffer.from(entry.slice(FORMAT.length + 1), 'base64url');
    if (sealed.length < NONCE_BYTES + TAG_BYTES) {
      return undefined;
    }
    const decipher = createDecipheriv(CIPHER, this.#sealingKey, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(`${FORMAT} ${key}`));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      return decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      return undefined;
    }
  }
}
