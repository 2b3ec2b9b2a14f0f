import * as v from 'valibot';
import { schemaEntries } from '../config/index.js';
import { systemClock, type Clock } from '../time/index.js';

const words = v.pipe(v.string(), v.minLength(1));
const count = v.pipe(v.number(), v.finite(), v.minValue(0));

const schemas = {
  /** A token that was issued. */
  token: v.strictObject(
    schemaEntries({
      /** The id of the response. The code compares ids, because a server may return the same text again. */
      id: words,
      accessToken: words,
      /** What the response gave it, in ms. */
      lifetimeMs: count,
      /** What was left of that when this was written. */
      leftMs: v.pipe(v.number(), v.finite()),
    }),
  ),
  /** The last failure of the token endpoint, for as long as it forbids to ask again. */
  failure: v.strictObject(
    schemaEntries({
      id: words,
      /** How many have failed in a row, this one included. */
      attempt: v.pipe(count, v.integer(), v.minValue(1)),
      /** From 0 to below 1: by it, all instances pause equally long. */
      draw: v.pipe(count, v.ltValue(1)),
      code: words,
      message: words,
      status: v.optional(count),
      oauthError: v.optional(words),
      quiqupCode: v.optional(words),
      retryAfterMs: v.optional(count),
    }),
  ),
  /** How many token requests 401s may still cause. */
  budget: v.strictObject(schemaEntries({ id: words, left: count })),
} satisfies Record<string, v.GenericSchema>;

/** What instances tell one another. */
export type RecordKind = keyof typeof schemas;
export type StoredRecords = { readonly [K in RecordKind]: Readonly<v.InferOutput<(typeof schemas)[K]>> };

/** A record with when it was written, by this process's monotonic clock in ms. */
export interface StoredRecord<K extends RecordKind> {
  readonly record: StoredRecords[K];
  readonly writtenAt: number;
}

/** How far the wall clocks of two instances may be apart. */
export const CLOCK_TOLERANCE_MS = 10 * 60 * 1_000;

const envelopeSchema = v.strictObject(
  schemaEntries({
    record: v.unknown(),
    /** Epoch ms by the writer's wall clock. */
    writtenAt: v.pipe(v.number(), v.finite()),
    /** The life that the store was told to give it. */
    ttlMs: count,
  }),
);

export function serializeRecord(record: StoredRecords[RecordKind], ttlMs: number, clock: Clock): string {
  return JSON.stringify({ record, writtenAt: clock.wallNow(), ttlMs });
}

/**
 * The record that `text` holds, or `undefined` for anything else.
 *
 * Its age is told by the store's clock, the only one that instances share, from what is left of its life. The wall
 * clock is asked where there is no such word; and always whether the entry is far too old, since whoever can write to
 * the store can make it live longer, but not alter what is sealed in it.
 *
 * @param leftMs what the store says is left of the entry's life
 * @param askedAt when the store was asked, in monotonic ms: what it said is that old, or a process that slept before it
 *   heard would take an ended token for a good one
 */
export function parseRecord<K extends RecordKind>(
  kind: K,
  text: string,
  leftMs: number | undefined,
  clock: Clock = systemClock,
  askedAt: number = clock.now(),
): StoredRecord<K> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const envelope = v.safeParse(envelopeSchema, value);
  if (!envelope.success) {
    return undefined;
  }
  const schema = schemas[kind] as unknown as v.GenericSchema<unknown, StoredRecords[K]>;
  const record = v.safeParse(schema, envelope.output.record);
  if (!record.success) {
    return undefined;
  }
  const { writtenAt, ttlMs } = envelope.output;
  const wallAgeMs = clock.wallNow() - writtenAt;
  const isTold = leftMs !== undefined && Number.isFinite(leftMs);
  const now = clock.now();
  const ageMs = isTold
    ? Math.max(Math.max(0, ttlMs - leftMs) + now - askedAt, wallAgeMs - CLOCK_TOLERANCE_MS)
    : wallAgeMs;
  return { record: record.output, writtenAt: now - Math.max(0, ageMs) };
}
