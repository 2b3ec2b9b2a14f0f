import { errorTextOf } from './connection-errors.js';
import type { RedisClient } from './redis-client.js';

/** Far above any entry of this package in any encoding. A larger value was written by something else. */
const LARGEST_VALUE_BYTES = 64 * 1024;

/**
 * Reads values up to a limit. Anyone who can write to Redis chooses their size, and a value is in memory as a whole before
 * any check can run.
 */
export class BoundedReads {
  /** Redis may lack `GETRANGE`, or its user may lack the permission. */
  private hasRange = true;

  /** The value, or `''` if it is too large. */
  async read(client: RedisClient, name: string): Promise<unknown> {
    const value = await this.readRange(client, name);
    return lengthOf(value) > LARGEST_VALUE_BYTES ? '' : value;
  }

  /** Like {@link read}. A key of another type has an entry, but not one of this package. */
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
