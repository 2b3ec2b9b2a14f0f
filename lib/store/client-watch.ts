import type { Keyv } from 'keyv';
import type { RedisClient } from './redis-client.js';

/** The observed state of a client. One client may serve many accounts, so each client has one watch. */
export class ClientWatch {
  /** The attempt to connect that this package started. */
  connecting: Promise<unknown> | undefined;
  /** The client's last error since it was ready. */
  lastError: unknown;
  private wasOpen = false;
  private hasFailed = false;
  private wasDisconnected = false;

  private constructor(private readonly client: RedisClient) {
    const fail = (error: unknown): void => {
      this.lastError = error;
      // A client that gives up after an error closes itself. A client that its owner closes has no error.
      this.hasFailed ||= !client.isOpen;
    };
    client.on?.('connect', () => this.noteOpen());
    client.on?.('error', fail);
    client.on?.('node-error', fail);
  }

  static of(client: RedisClient, keyv: Keyv): ClientWatch {
    const watch = watches.get(client) ?? new ClientWatch(client);
    watches.set(client, watch);
    if (!watchedKeyvs.has(keyv)) {
      watchedKeyvs.add(keyv);
      keyv.on('disconnect', () => {
        watch.wasDisconnected = true;
      });
    }
    return watch;
  }

  /** Whether the client was open and its owner closed it. */
  get isClosedByOwner(): boolean {
    return !this.client.isOpen && (this.wasDisconnected || (this.wasOpen && !this.hasFailed));
  }

  noteOpen(): void {
    this.wasOpen = true;
    this.hasFailed = false;
    this.wasDisconnected = false;
  }
}

const watches = new WeakMap<RedisClient, ClientWatch>();
const watchedKeyvs = new WeakSet<Keyv>();
