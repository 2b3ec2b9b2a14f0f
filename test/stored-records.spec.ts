import { describe, expect, it } from '@jest/globals';
import { CLOCK_TOLERANCE_MS, RecordSealer } from '../lib/store/index.js';
import { parseRecord, serializeRecord, type RecordKind } from '../lib/store/stored-records.js';
import { HandClock } from './support/hand-clock.js';

const MINUTE_MS = 60_000;
const ACCOUNT = { tokenUrl: 'https://quiqup.example/oauth/token', clientId: 'id', clientSecret: 'secret' };
const KINDS = ['token', 'lock', 'failure', 'budget', 'probe'] as const;

function sealerOf(account: Partial<typeof ACCOUNT> = {}, keys: readonly (string | Uint8Array)[] = []): RecordSealer {
  return new RecordSealer({ ...ACCOUNT, ...account }, keys);
}

function namesOf(sealer: RecordSealer): string[] {
  return KINDS.map((kind) => sealer.keyOf(kind));
}

describe('The names of an account', () => {
  it('are one per kind, all in one slot of a cluster, and the same in every instance', () => {
    const names = namesOf(sealerOf());
    const [, tag = ''] = /\{(.+?)\}/.exec(names[0] ?? '') ?? [];
    expect(tag).toMatch(/^[\w-]{22}$/);
    expect(names).toEqual(KINDS.map((kind) => `quiqup-auth:{${tag}}:${kind}`));
    expect(namesOf(sealerOf())).toEqual(names);
  });

  it.each([{ tokenUrl: 'https://another.example/oauth/token' }, { clientId: 'another' }, { clientSecret: 'another' }])(
    'are others with %j',
    (difference) => {
      const names = new Set(namesOf(sealerOf()));
      expect(namesOf(sealerOf(difference)).some((name) => names.has(name))).toBe(false);
    },
  );

  it('tell token endpoint and client id apart, wherever the one ends', () => {
    const [one, other] = [
      sealerOf({ tokenUrl: 'https://quiqup.example/a', clientId: 'b' }),
      sealerOf({ tokenUrl: 'https://quiqup.example/', clientId: 'ab' }),
    ];
    expect(one?.keyOf('token')).not.toBe(other?.keyOf('token'));
  });

  it("with a sealing key of the user's outlive a rotation of the secret, but for that of the failure", () => {
    const [before, after] = [sealerOf({}, ['a key']), sealerOf({ clientSecret: 'rotated' }, ['a key'])];
    for (const kind of KINDS) {
      expect(after.keyOf(kind) === before.keyOf(kind)).toBe(kind !== 'failure');
    }
    expect(before.keyOf('failure')).toMatch(/:failure:[\w-]{22}$/);
    // Otherwise a reader of the names could try secrets against them.
    expect(sealerOf({}, ['another key']).keyOf('failure')).not.toBe(before.keyOf('failure'));
    expect(sealerOf({}, ['another key']).keyOf('token')).toBe(before.keyOf('token'));
    expect(sealerOf({ clientId: 'another' }, ['a key']).keyOf('token')).not.toBe(before.keyOf('token'));
    expect(sealerOf().keyOf('token')).not.toBe(before.keyOf('token'));
  });
});

it('Names and seals stay as they are from release to release, for a fleet is deployed one by one', () => {
  const [own, users] = [sealerOf(), sealerOf({}, ['a key'])];
  expect(own.keyOf('failure')).toBe('quiqup-auth:{n2sI4iB_3_JmAl63eoCFaA}:failure');
  expect(users.keyOf('failure')).toBe('quiqup-auth:{aA2HM9gUyCZ-dcn5MyX4is}:failure:wvxO5dINBYoC-tK_5dEm0I');
  expect(own.open('token', 'v1.tvCVBE81ounq8dVk7kBlCkiOkVAovnUzbdTM1tanwI4')).toBe('text');
  expect(users.open('token', 'v1.TM2uuH7D9dmo2QmuKst7ojEfPyj_nxYXM0O6W_lbZdc')).toBe('text');
});

describe('A sealed text', () => {
  it.each(['', 'text', 'ümläut', 'x'.repeat(8_000)])('is opened by an instance of the same account: %j', (text) => {
    const sealed = sealerOf().seal('token', text);
    expect(sealed).toMatch(/^v1\.[\w-]+$/);
    expect(sealerOf().open('token', sealed)).toBe(text);
  });

  it('is another each time', () => {
    expect(sealerOf().seal('token', 'text')).not.toBe(sealerOf().seal('token', 'text'));
  });

  it.each<[string, RecordSealer]>([
    ['another secret', sealerOf({ clientSecret: 'another' })],
    ['another client id', sealerOf({ clientId: 'another' })],
    ['another token endpoint', sealerOf({ tokenUrl: 'https://another.example/' })],
    ['a key of the user', sealerOf({}, ['a key'])],
  ])('does not open with %s', (_what, other) => {
    expect(other.open('token', sealerOf().seal('token', 'text'))).toBeUndefined();
  });

  it('does not open as another kind', () => {
    expect(sealerOf().open('failure', sealerOf().seal('token', 'text'))).toBeUndefined();
  });

  it("opens with any of the user's keys, and is sealed with the first", () => {
    const [older, newer] = ['the older key', Buffer.from('the newer key')];
    const both = sealerOf({}, [newer, older]);
    expect(both.open('token', sealerOf({}, [older]).seal('token', 'text'))).toBe('text');
    expect(sealerOf({}, [newer]).open('token', both.seal('token', 'text'))).toBe('text');
    expect(sealerOf({}, [older]).open('token', both.seal('token', 'text'))).toBeUndefined();
    expect(sealerOf({ clientId: 'another' }, [older]).open('token', both.seal('token', 'text'))).toBeUndefined();
  });

  it('does not open once it was altered, wherever', () => {
    const sealed = sealerOf().seal('token', 'text');
    const bytes = Buffer.from(sealed.slice(3), 'base64url');
    for (let at = 0; at < bytes.length; at += 1) {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(sealerOf().open('token', `v1.${altered.toString('base64url')}`)).toBeUndefined();
      expect(sealerOf().open('token', `v1.${bytes.subarray(0, at).toString('base64url')}`)).toBeUndefined();
    }
    for (const version of ['v2.', 'v1,', 'v1', '']) {
      expect(sealerOf().open('token', version + sealed.slice(3))).toBeUndefined();
    }
  });

  it.each([undefined, null, 7, {}, [], Buffer.from('v1.')])('is no %j', (entry) => {
    expect(sealerOf().open('token', entry)).toBeUndefined();
  });

  it('is not looked at when it is larger than any record', () => {
    // 28 bytes of its own, and four characters for three bytes.
    const largest = ((16 * 1024 - 3) / 4) * 3 - 28;
    const sealed = sealerOf().seal('token', 'x'.repeat(Math.floor(largest)));
    expect(sealed.length).toBeLessThanOrEqual(16 * 1024);
    expect(sealerOf().open('token', sealed)).toBeDefined();
    expect(sealerOf().open('token', sealerOf().seal('token', 'x'.repeat(largest + 3)))).toBeUndefined();
  });
});

const RECORDS = {
  token: { id: 'an-id', accessToken: 'a-token', lifetimeMs: 1_000, leftMs: -5 },
  failure: {
    id: 'an-id',
    attempt: 1,
    draw: 0,
    code: 'QUIQUP_RATE_LIMITED',
    message: 'Wait.',
    status: 429,
    oauthError: 'slow_down',
    quiqupCode: 'resource_exhausted',
    retryAfterMs: 0,
  },
  budget: { id: 'an-id', left: 0 },
};

const clock = new HandClock();
const parsed = (kind: RecordKind, record: unknown): unknown =>
  parseRecord(kind, JSON.stringify({ record, writtenAt: clock.wallNow(), ttlMs: 5 }), 5, clock)?.record;

describe.each(Object.entries(RECORDS) as [RecordKind, Record<string, unknown>][])(
  'A record of a %s',
  (kind, record) => {
    it('is what was written', () => {
      const text = serializeRecord(record as never, 5, clock);
      expect(parseRecord(kind, text, 5, clock)).toEqual({ record, writtenAt: clock.now() });
    });

    it.each(Object.keys(record))('needs a %s of its type, or none where it may lack', (field) => {
      const { [field]: value, ...others } = record;
      const mayLack = ['status', 'oauthError', 'quiqupCode', 'retryAfterMs'].includes(field);
      expect(parsed(kind, others) !== undefined).toBe(mayLack);
      const wrong = typeof value === 'string' ? ['', 7, null] : ['7', null];
      for (const bad of wrong) {
        expect(parsed(kind, { ...record, [field]: bad })).toBeUndefined();
      }
    });

    it('has nothing besides', () => {
      expect(parsed(kind, { ...record, other: 1 })).toBeUndefined();
      expect(parsed(kind, undefined)).toBeUndefined();
    });
  },
);

describe('The numbers of a record', () => {
  it.each<[RecordKind, string, number, boolean]>([
    ['token', 'lifetimeMs', 0, true],
    ['token', 'lifetimeMs', -1, false],
    ['token', 'leftMs', -1_000, true],
    ['failure', 'attempt', 2, true],
    ['failure', 'attempt', 0, false],
    ['failure', 'attempt', 1.5, false],
    ['failure', 'draw', 0.999, true],
    ['failure', 'draw', 1, false],
    ['failure', 'draw', -0.1, false],
    ['failure', 'status', -1, false],
    ['failure', 'retryAfterMs', -1, false],
    ['budget', 'left', 2.5, true],
    ['budget', 'left', -0.1, false],
  ])('have bounds: %s.%s may be %d: %j', (kind, field, value, isGood) => {
    expect(parsed(kind, { ...RECORDS[kind], [field]: value }) !== undefined).toBe(isGood);
  });

  it('are finite', () => {
    for (const [kind, field] of [
      ['token', 'lifetimeMs'],
      ['token', 'leftMs'],
      ['budget', 'left'],
    ] as const) {
      const text = serializeRecord({ ...RECORDS[kind], [field]: 12_345 }, 5, clock);
      expect(parseRecord(kind, text.replace('12345', '1e999'), 5, clock)).toBeUndefined();
    }
  });
});

describe('What surrounds a record', () => {
  const record = RECORDS.budget;
  it.each([
    '',
    '{',
    'null',
    '[]',
    '7',
    JSON.stringify({ record, ttlMs: 5 }),
    JSON.stringify({ record, writtenAt: 5 }),
    JSON.stringify({ writtenAt: 5, ttlMs: 5 }),
    JSON.stringify({ record, writtenAt: '5', ttlMs: 5 }),
    JSON.stringify({ record, writtenAt: 5, ttlMs: -1 }),
    JSON.stringify({ record, writtenAt: 5, ttlMs: 5, other: 5 }),
    `{"record":${JSON.stringify(record)},"writtenAt":1e999,"ttlMs":5}`,
  ])('is as it was written, or there is none: %j', (text) => {
    expect(parseRecord('budget', text, 5, clock)).toBeUndefined();
  });

  const HOUR_MS = 60 * MINUTE_MS;
  /** How old it is taken to be, of a record with a life of an hour. */
  function aged(wallAgeMs: number, leftMs: number | undefined): number {
    const text = JSON.stringify({ record, writtenAt: clock.wallNow() - wallAgeMs, ttlMs: HOUR_MS });
    return clock.now() - (parseRecord('budget', text, leftMs, clock)?.writtenAt ?? NaN);
  }

  it('tells its age: by the life that the store says is left', () => {
    expect(aged(0, HOUR_MS)).toBe(0);
    expect(aged(0, HOUR_MS - 1_234)).toBe(1_234);
    expect(aged(5 * MINUTE_MS, HOUR_MS)).toBe(0);
    expect(aged(-5 * MINUTE_MS, HOUR_MS - 7)).toBe(7);
  });

  it('is as much older as the store took to say so, or as the process slept before it heard', () => {
    const text = JSON.stringify({ record, writtenAt: clock.wallNow(), ttlMs: HOUR_MS });
    const askedAt = clock.now() - 70_000;
    expect(parseRecord('budget', text, HOUR_MS - 1_234, clock, askedAt)?.writtenAt).toBe(askedAt - 1_234);
    expect(parseRecord('budget', text, undefined, clock, askedAt)?.writtenAt).toBe(clock.now());
  });

  it('tells its age: by the wall clock where the store does not say', () => {
    for (const leftMs of [undefined, NaN, Infinity, -Infinity]) {
      expect(aged(1_234, leftMs)).toBe(1_234);
    }
  });

  it('is never of the future', () => {
    expect(aged(0, HOUR_MS + 1_000)).toBe(0);
    expect(aged(-1_000, undefined)).toBe(0);
  });

  it('is never younger than wall clocks that are ten minutes apart allow', () => {
    expect(CLOCK_TOLERANCE_MS).toBe(10 * MINUTE_MS);
    expect(aged(CLOCK_TOLERANCE_MS + 1, HOUR_MS)).toBe(1);
    expect(aged(CLOCK_TOLERANCE_MS, HOUR_MS)).toBe(0);
    expect(aged(HOUR_MS, 1e9)).toBe(HOUR_MS - CLOCK_TOLERANCE_MS);
  });
});
