import type { Keyv } from 'keyv';
import { textOf } from './redis-client.js';

/** A `Keyv`, of whatever version and copy, as far as it makes entries of values. */
interface Codec {
  serializeData?(data: { value: string; expires: number }): unknown;
  deserializeData?(data: string): unknown;
}

function codecOf(keyv: Keyv): Codec {
  return keyv as Codec;
}

/** What is stored for a value: as the `Keyv` makes it, with its serializer and its compression. */
export async function encodeEntry(keyv: Keyv, value: string, expires: number): Promise<string> {
  try {
    const encoded = textOf(await codecOf(keyv).serializeData?.({ value, expires }));
    return encoded ?? value;
  } catch {
    // The value is a text already, and can be read back without the serializer.
    return value;
  }
}

/**
 * The value of what is stored. Never rejects: what cannot be decoded, whoever wrote it, is returned as it is, and
 * nothing is opened with it.
 */
export async function decodeEntry(keyv: Keyv, encoded: string): Promise<unknown> {
  try {
    const decoded: unknown = await codecOf(keyv).deserializeData?.(encoded);
    const value = (decoded as { value?: unknown } | null | undefined)?.value;
    return value ?? encoded;
  } catch {
    return encoded;
  }
}
