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
      /** The lifetime by the response, in ms. */
      lifetimeMs: count,
      /** The remaining lifetime when the record was written, in ms. */
      leftMs: v.pipe(v.number(), v.finite()),
    }),
  ),
  /** The last failure of the token endpoint, while it forbids another request. */
  failure: v.strictObject(
    schemaEntries({
      id: words,
      /** How many attempts have failed in a row, this one included. */
      attempt: v.pipe(count, v.integer(), v.minValue(1)),
      /** From 0 to below 1. Shared, so that all instances pause for the same time. */
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

/** The records that instances share. */
export type RecordKind = keyof typeof schemas;
export type StoredRecords = { readonly [K in RecordKind]: Readonly<v.InferOutput<(typeof schemas)[K]>> };

/** A record, and when it was written, in ms of this process's monotonic clock. */
export interface StoredRecord<K extends RecordKind> {
  readonly record: StoredRecords[K];
  readonly writtenAt: number;
}

/** How far the wall clocks of two instances may differ. */
export const CLOCK_TOLERANCE_MS = 10 * 60 * 1_000;

const envelopeSchema = v.strictObject(
  schemaEntries({
    record: v.unknown(),
    /** Epoch ms by the writer's wall clock. */
    writtenAt: v.pipe(v.number(), v.finite()),
    /** The lifetime that the store was given for it. */
    ttlMs: count,
  }),
);

export function serializeRecord(record: StoredRecords[RecordKind], ttlMs: number, clock: Clock): string {
  return JSON.stringify({ record, writtenAt: clock.wallNow(), ttlMs });
}

/**
 * The record in `text`, or `undefined` for any other text.
 *
 * Its age comes from its remaining life by the store's clock, the only clock that instances share. The wall
 * clock is used if the store does not tell it, and always as a limit for the age: anyone who can write to
 * the store can extend the entry's life, but cannot change its sealed content.
 *
 * @param leftMs the entry's remaining life by the store
 * @param askedAt when the store was asked, in monotonic ms. Its answer is that old: otherwise a process that slept before
 *   the answer would take an ended token for a good one
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
