import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { RecordSealer } from '../lib/store/index.js';
import { systemClock } from '../lib/time/index.js';
import { parseRecord, serializeRecord, type RecordKind } from '../lib/store/stored-records.js';

const RUNS = 10_000;
const KINDS = ['token', 'failure', 'budget'] as const satisfies readonly RecordKind[];
const vault = new RecordSealer(
  { tokenUrl: 'https://quiqup.example/oauth/token', clientId: 'id', clientSecret: 'secret' },
  [],
);
const RECORD = { id: 'an-id', accessToken: 'a-token', lifetimeMs: 3_600_000, leftMs: 3_600_000 };
const FAILURE = { id: 'an-id', attempt: 1, draw: 0.5, code: 'QUIQUP_RATE_LIMITED', message: 'Wait.', status: 429 };
const sealed = vault.seal('token', serializeRecord(RECORD, 4_200_000, systemClock));

const kind = fc.constantFrom(...KINDS);
const leftMs = fc.oneof(fc.constant(undefined), fc.integer(), fc.double());

const bytesOf = (entry: string): string => Buffer.from(entry.slice(3), 'base64url').toString('hex');

describe('Whatever stands in the store', () => {
  it('opens only if it was sealed here, as it was', () => {
    fc.assert(
      fc.property(
        kind,
        fc.oneof(
          fc.anything(),
          fc.string(),
          fc.base64String().map((text) => `v1.${text}`),
        ),
        (of, entry) => vault.open(of, entry) === undefined,
      ),
      { numRuns: RUNS },
    );
  });

  it('does not open once a single character of it differs, or is gone', () => {
    const altered = fc
      .tuple(fc.nat(sealed.length - 1), fc.constantFrom('', 'A', 'B', '-', '_', 'AA'))
      .map(([at, by]) => sealed.slice(0, at) + by + sealed.slice(at + 1));
    // The last characters of base64 have bits that mean nothing.
    fc.assert(
      fc.property(altered, (entry) => {
        const isSame = entry.startsWith('v1.') && bytesOf(entry) === bytesOf(sealed);
        return (vault.open('token', entry) === undefined) !== isSame;
      }),
      { numRuns: RUNS },
    );
  });

  it('is a record of its kind or none, though it was sealed with our key', () => {
    const odd = fc.oneof(fc.string(), fc.double(), fc.integer(), fc.constant(null), fc.jsonValue({ maxDepth: 1 }));
    const changes = fc.dictionary(
      fc.constantFrom(...Object.keys({ ...RECORD, ...FAILURE }), 'left', '__proto__'),
      odd,
      {
        maxKeys: 2,
      },
    );
    const record = fc
      .tuple(fc.constantFrom(RECORD, FAILURE, { id: 'an-id', left: 2 }, {}), changes)
      .map(([fields, change]) => Object.assign({}, fields, change));
    const envelope = fc.record({
      record: fc.oneof({ arbitrary: record, weight: 9 }, fc.jsonValue()),
      writtenAt: fc.oneof({ arbitrary: fc.nat(), weight: 9 }, odd),
      ttlMs: fc.oneof({ arbitrary: fc.nat(), weight: 9 }, odd),
    });
    const text = fc.oneof(
      { arbitrary: envelope.map((value) => JSON.stringify(value)), weight: 9 },
      fc.string(),
      fc.json(),
    );
    let records = 0;
    fc.assert(
      fc.property(kind, text, leftMs, (of, entry, left) => {
        const stored = parseRecord(of, entry, left);
        records += stored === undefined ? 0 : 1;
        if (stored === undefined) {
          return true;
        }
        const parsed = (JSON.parse(entry) as { record: object }).record;
        return isDeepStrictEqual(stored.record, parsed) && stored.writtenAt <= performance.now();
      }),
      { numRuns: RUNS },
    );
    // Without records it would have proved nothing.
    expect(records).toBeGreaterThan(RUNS / 50);
  });

  it('is never younger than the clock of the store says, nor than wall clocks allow', () => {
    const minute = 60_000;
    const aged = (ageMs: number, left: number | undefined): number => {
      const entry = JSON.stringify({ record: RECORD, writtenAt: Date.now() - ageMs, ttlMs: 70 * minute });
      return Math.round((performance.now() - (parseRecord('token', entry, left)?.writtenAt ?? NaN)) / minute) + 0;
    };
    expect(aged(5 * minute, 65 * minute)).toBe(5);
    // Clocks are apart: the store's word counts.
    expect(aged(0, 68 * minute)).toBe(2);
    expect(aged(9 * minute, 70 * minute)).toBe(0);
    // Its life was extended.
    expect(aged(60 * minute, 70 * minute)).toBe(50);
    expect(aged(60 * minute, 1e9)).toBe(50);
    // The store does not tell.
    expect(aged(5 * minute, undefined)).toBe(5);
  });
});
