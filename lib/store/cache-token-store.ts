import { Logger } from '@nestjs/common';
import type { Cache } from 'cache-manager';
import type { AccountVault } from './account-vault.js';
import { withDeadline } from './deadline.js';
import type { StoreListener } from './store-state.js';
import { parseTokenEntry, type TokenEntry } from './token-entry.js';
import type { TokenStore } from './token-store.js';

/** An entry outlives its token, for the reader's clock decides in keyv when it is removed, and may be ahead. */
const TTL_PAD_MS = 10 * 60 * 1_000;

/** Opens under no key. */
const FOREIGN = '';

/** What a cache and a Keyv have in common. */
interface KeyValueStore {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown, ttlMs: number): Promise<unknown>;
}

/**
 * The Keyv over Redis among the cache's stores, if there is one: a cache of several tiers answers from its first,
 * memory, what another instance has replaced long ago.
 */
function sharedTier(cache: Cache): KeyValueStore {
  const stores: readonly unknown[] = Array.isArray(cache.stores) ? cache.stores : [];
  const shared = stores.find((keyv) => {
    const adapter = (keyv as { store?: { client?: unknown; getClient?: unknown } }).store;
    return typeof adapter?.getClient === 'function' && adapter.client !== undefined;
  });
  return (shared as KeyValueStore | undefined) ?? cache;
}

/** What was stored under the key was not written here: another type of Redis, or not the JSON that keyv writes. */
function isForeignEntry(error: unknown): boolean {
  return error instanceof Error && (error.name === 'SyntaxError' || error.message.startsWith('WRONGTYPE'));
}

/** The store over cache-manager. */
export class CacheTokenStore implements TokenStore {
  private readonly logger = new Logger('QuiqupAuthStore');
  private readonly entries: KeyValueStore;
  private lost = false;

  /**
   * @param timeoutMs deadline of one command
   * @param ownsCache whether {@link close} ends the cache's connections
   */
  constructor(
    private readonly cache: Cache,
    private readonly timeoutMs: number,
    private readonly ownsCache: boolean,
    private readonly listener: StoreListener,
  ) {
    this.entries = sharedTier(cache);
  }

  async read(vault: AccountVault): Promise<TokenEntry | undefined> {
    const sealed = await this.attempt(async () => {
      try {
        return await this.entries.get(vault.tokenKey);
      } catch (error) {
        if (isForeignEntry(error)) {
          return FOREIGN;
        }
        throw error;
      }
    });
    if (sealed === undefined || sealed === null) {
      return undefined;
    }
    const text = vault.open(vault.tokenKey, sealed);
    const entry = text === undefined ? undefined : parseTokenEntry(text);
    if (entry === undefined) {
      this.logger.warn('The stored token could not be read (another version, or altered); it will be replaced.');
    }
    return entry;
  }

  async write(vault: AccountVault, entry: TokenEntry): Promise<void> {
    // A whole number: Redis refuses a fraction, and the adapter would keep that to itself.
    const ttlMs = Math.ceil(Math.max(0, entry.expiresAt - Date.now())) + TTL_PAD_MS;
    await this.attempt(() =>
      this.entries.set(vault.tokenKey, vault.seal(vault.tokenKey, JSON.stringify(entry)), ttlMs),
    );
  }

  async close(): Promise<void> {
    if (this.ownsCache) {
      await withDeadline(Promise.resolve(this.cache.disconnect()), this.timeoutMs).catch(() => undefined);
    }
  }

  /** Runs one command within its deadline; reports only when the store goes and when it comes back. */
  private async attempt<T>(command: () => Promise<T>): Promise<T | undefined> {
    try {
      const value = await withDeadline(Promise.resolve().then(command), this.timeoutMs);
      if (this.lost) {
        this.lost = false;
        this.logger.log('The token store is back.');
        this.listener({ type: 'store-back' });
      }
      return value;
    } catch (error) {
      if (!this.lost) {
        this.lost = true;
        const reason = error instanceof Error ? error.message : 'unknown error';
        this.logger.warn(`The token store does not answer (${reason}); going on from memory until it is back.`);
        this.listener({ type: 'store-lost', reason });
      }
      return undefined;
    }
  }
}
