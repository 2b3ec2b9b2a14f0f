import { errorTextOf } from './connection-errors.js';
import type { RedisClient } from './redis-client.js';

/** Far above any entry of ours in whatever encoding; what is larger was not written here. */
const LARGEST_VALUE_BYTES = 64 * 1024;

/**
 * Reads values up to a limit: whoever can write to Redis chooses their size, and a value is in memory as a whole before
 * anything can look at it.
 */
export class BoundedReads {
  /** Redis may not have `GETRANGE`, or its user not the right to it. */
  private hasRange = true;

  /** The value, or `''` where it is too large. */
  async read(client: RedisClient, name: string): Promise<unknown> {
    const value = await this.readRange(client, name);
    return lengthOf(value) > LARGEST_VALUE_BYTES ? '' : value;
  }

  /** As {@link read}; a key of another type has an entry, though not one that was written here. */
  async readEntry(client: RedisClient, name: string): Promise<unknown> {
    try {
      return await this.read(client, name);
    } catch (error) {
      if (errorTextOf(error).message.startsWith('WRONGTYPE')) {
        return '';
      }
      throw error;
    }
  }

  private async readRange(client: RedisClient, name: string): Promise<unknown> {
    if (!this.hasRange || typeof client.getRange !== 'function') {
      return client.get(name);
    }
    try {
      return await client.getRange(name, 0, LARGEST_VALUE_BYTES);
    } catch (error) {
      if (!/^(NOPERM|ERR unknown command)/i.test(errorTextOf(error).message)) {
        throw error;
      }
      this.hasRange = false;
      return client.get(name);
    }
  }
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' || ArrayBuffer.isView(value)
    ? Buffer.byteLength(value as string | NodeJS.ArrayBufferView)
    : 0;
}
