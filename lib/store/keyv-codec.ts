import type { Keyv } from 'keyv';
import { textOf } from './redis-client.js';

/** The encoding part of a `Keyv`, of any version and copy. */
interface Codec {
  serializeData?(data: { value: string; expires: number }): unknown;
  deserializeData?(data: string): unknown;
}

function codecOf(keyv: Keyv): Codec {
  return keyv as Codec;
}

/** Encodes a value as the `Keyv` does, with its serializer and its compression. */
export async function encodeEntry(keyv: Keyv, value: string, expires: number): Promise<string> {
  try {
    const encoded = textOf(await codecOf(keyv).serializeData?.({ value, expires }));
    return encoded ?? value;
  } catch {
    // The value is a text already and needs no serializer.
    return value;
  }
}

/**
 * Decodes a stored value. Never rejects: a value that cannot be decoded is returned as it is, and
 * unsealing then fails.
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
