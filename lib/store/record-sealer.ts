import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

/** The owner of the entries. */
interface Account {
  /** The token endpoint that issues its tokens. */
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The records that instances share, and the other keys that they use. */
type EntryKind = 'token' | 'lock' | 'failure' | 'budget' | 'probe';

const FORMAT = 'v1';
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Far above any token. A larger value was written by something else. */
const MAX_SEALED_LENGTH = 16 * 1024;

/** The token endpoint and client id as salt, so that two accounts with the same secret share no key. */
function saltOf({ tokenUrl, clientId }: Account): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([tokenUrl, clientId]))
    .digest();
}

function derive(account: Account, secret: string | Uint8Array, purpose: string): Buffer {
  const info = `nestjs-quiqup-auth ${FORMAT} ${purpose}`;
  return Buffer.from(hkdfSync('sha256', secret, saltOf(account), info, KEY_BYTES));
}

function nameOf(bytes: Buffer): string {
  return bytes.toString('base64url').slice(0, 22);
}

/**
 * Names and seals one account's entries in a store that others can read. Without the user's own keys, both depend on
 * the client secret, so no other account, environment or secret finds or opens them, and a rotated secret starts with
 * new entries. With own keys the token outlives a rotation, because the names depend only on token endpoint and client
 * id. The failure's name is the exception, because the failure of one secret says nothing about another.
 *
 * Sealed with AES-256-GCM under a key from HKDF-SHA256 (RFC 5869). The nonce is random. Version, kind and the entry's
 * key are authenticated, so that an entry copied to another key does not open.
 */
export class RecordSealer {
  readonly #prefix: string;
  readonly #failureName: string;
  readonly #sealingKeys: readonly [Buffer, ...Buffer[]];

  /**
   * @param ownKeys the user's keys: the first one seals, all of them open
   */
  constructor(account: Account, ownKeys: readonly (string | Uint8Array)[]) {
    const { clientSecret } = account;
    const [firstKey = clientSecret, ...otherKeys] = ownKeys;
    const name = ownKeys.length > 0 ? saltOf(account) : derive(account, clientSecret, 'name');
    // In braces: the hash tag that keeps an account's keys in one slot of a Redis Cluster.
    this.#prefix = `quiqup-auth:{${nameOf(name)}}`;
    // Includes the own key. Otherwise a reader of the names could try client secrets against them.
    const secretHash = createHash('sha256').update(clientSecret).digest('hex');
    this.#failureName =
      ownKeys.length > 0 ? `failure:${nameOf(derive(account, firstKey, `failure ${secretHash}`))}` : 'failure';
    this.#sealingKeys = [
      derive(account, firstKey, 'seal'),
      ...otherKeys.map((ownKey) => derive(account, ownKey, 'seal')),
    ];
  }

  keyOf(kind: EntryKind): string {
    return `${this.#prefix}:${kind === 'failure' ? this.#failureName : kind}`;
  }

  seal(kind: EntryKind, text: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#sealingKeys[0], nonce);
    cipher.setAAD(this.contextOf(kind));
    const sealed = Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
    return `${FORMAT}.${sealed.toString('base64url')}`;
  }

  /** The text, or `undefined` for a value that {@link seal} did not write as this kind. */
  open(kind: EntryKind, entry: unknown): string | undefined {
    if (typeof entry !== 'string' || entry.length > MAX_SEALED_LENGTH || !entry.startsWith(`${FORMAT}.`)) {
      return undefined;
    }
    const sealed = Buffer.from(entry.slice(FORMAT.length + 1), 'base64url');
    if (sealed.length < NONCE_BYTES + TAG_BYTES) {
      return undefined;
    }
    for (const sealingKey of this.#sealingKeys) {
      const text = openWith(sealingKey, sealed, this.contextOf(kind));
      if (text !== undefined) {
        return text;
      }
    }
    return undefined;
  }

  private contextOf(kind: EntryKind): Buffer {
    return Buffer.from(JSON.stringify([FORMAT, kind, this.keyOf(kind)]));
  }
}

function openWith(sealingKey: Buffer, sealed: Buffer, context: Buffer): string | undefined {
  const decipher = createDecipheriv(CIPHER, sealingKey, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(context);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString();
  } catch {
    return undefined;
  }
}
