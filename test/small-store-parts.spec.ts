import { describe, expect, it } from '@jest/globals';
import { Keyv } from 'keyv';
import { BoundedReads } from '../lib/store/bounded-reads.js';
import { CacheEntries, sharedStoreOf } from '../lib/store/cache-entries.js';
import { clusterSlotOf } from '../lib/store/cluster-slot.js';
import { GivenUpWrites } from '../lib/store/given-up-writes.js';
import { decodeEntry, encodeEntry } from '../lib/store/keyv-codec.js';
import { numberOf, redisAdapterOf, textOf, type RedisClient } from '../lib/store/redis-client.js';
import { deferred } from './support/deferred.js';
import { ManualClock } from './support/manual-clock.js';

const LIMIT = 64 * 1_024;

class CacheableMemory extends Map {}
class FileStore {
  readonly path = '/a/file';
}
const keyvOn = (store: unknown): Keyv => ({ store }) as unknown as Keyv;
const undecodable = (): Promise<never> => Promise.reject(new Error('cannot be decoded'));
const keyvWith = (store: unknown): Keyv => ({ get: undecodable, store }) as unknown as Keyv;
const entriesOf = (keyv: Keyv, clock = new ManualClock()): CacheEntries =>
  new CacheEntries(keyv, { timeoutMs: 100, clock });
const answer = (reply: unknown): Promise<unknown> =>
  reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply);

describe('A reply of Redis', () => {
  it('is a text or a number, however the client gives it', () => {
    const bytes = Buffer.from('xxabcxx').subarray(2, 5);
    expect([textOf('abc'), textOf(bytes), textOf(1), textOf(null), textOf(undefined)]).toEqual([
      'abc',
      'abc',
      undefined,
      undefined,
      undefined,
    ]);
    expect([numberOf(7), numberOf('7'), numberOf(Buffer.from('-2'))]).toEqual([7, 7, -2]);
    expect(numberOf('no number')).toBeNaN();
  });

  it('comes by an adapter that is known by what it can do', () => {
    const adapter = { createKeyPrefix: () => '', client: { pTTL: () => undefined } };
    expect(redisAdapterOf(keyvOn(adapter))).toBe(adapter);
    for (const other of [
      undefined,
      new Map(),
      { client: adapter.client },
      { ...adapter, client: {} },
      { createKeyPrefix: adapter.createKeyPrefix },
    ]) {
      // prettier-ignore
      expect(redisAdapterOf(keyvOn(other))).toBeUndefined();
    }
  });
});

describe('A value that is read', () => {
  const asked: unknown[][] = [];
  const clientWith = (value: unknown, range: unknown = value): RedisClient => {
    asked.length = 0;
    return {
      get: (...args: unknown[]) => (asked.push(['get', ...args]), answer(value)),
      ...(range !== 'none' && { getRange: (...args: unknown[]) => (asked.push(['getRange', ...args]), answer(range)) }),
    } as unknown as RedisClient;
  };

  it('is asked for up to 64 KiB', async () => {
    expect(await new BoundedReads().read(clientWith('abc'), 'key')).toBe('abc');
    expect(asked).toEqual([['getRange', 'key', 0, LIMIT]]);
  });

  it.each([
    ['a text', 'a'.repeat(LIMIT), 'a'.repeat(LIMIT + 1)],
    ['bytes', Buffer.alloc(LIMIT), Buffer.alloc(LIMIT + 1)],
    ['letters of several bytes', 'é'.repeat(LIMIT / 2), 'é'.repeat(LIMIT / 2 + 1)],
  ])('is none where it is larger: %s', async (_, largest, larger) => {
    expect(await new BoundedReads().read(clientWith(largest), 'key')).toBe(largest);
    expect(await new BoundedReads().read(clientWith(larger), 'key')).toBe('');
  });

  it.each([null, 5])('may be no text: %p', async (value) => {
    expect(await new BoundedReads().read(clientWith(value), 'key')).toBe(value);
  });

  it.each(["NOPERM no permissions to run 'getrange'", "ERR unknown command 'GETRANGE'", 'err Unknown Command'])(
    'is read whole where there is no GETRANGE, which is asked for once: %s',
    async (message) => {
      const reads = new BoundedReads();
      const client = clientWith('abc', new Error(message));
      expect([await reads.read(client, 'key'), await reads.read(client, 'key')]).toEqual(['abc', 'abc']);
      expect(asked.map(([command]) => command)).toEqual(['getRange', 'get', 'get']);
    },
  );

  it('is read whole by a client without GETRANGE', async () => {
    expect(await new BoundedReads().read(clientWith('abc', 'none'), 'key')).toBe('abc');
    expect(asked).toEqual([['get', 'key']]);
  });

  it('fails as Redis does', async () => {
    await expect(new BoundedReads().read(clientWith('', new Error('LOADING NOPERM')), 'key')).rejects.toThrow(
      'LOADING',
    );
    await expect(new BoundedReads().readEntry(clientWith('', new Error('LOADING')), 'key')).rejects.toThrow('LOADING');
  });

  it('is an entry that cannot be read where the key has another type', async () => {
    expect(await new BoundedReads().readEntry(clientWith('', new Error('WRONGTYPE a list')), 'key')).toBe('');
    expect(await new BoundedReads().readEntry(clientWith('abc'), 'key')).toBe('abc');
    await expect(new BoundedReads().read(clientWith('', new Error('WRONGTYPE a list')), 'key')).rejects.toThrow();
  });
});

describe('A write that was given up', () => {
  const started: string[] = [];
  const writesWith = (undo: (key: string) => Promise<unknown>): GivenUpWrites => {
    started.length = 0;
    return new GivenUpWrites((key, value) => (started.push(`${key}=${value}`), undo(key)));
  };

  it('is undone once, before others', async () => {
    const first = deferred<void>();
    const writes = writesWith((key) => (key === 'a' ? first.promise : Promise.resolve()));
    expect(writes.isEmpty).toBe(true);
    writes.add('a', '1');
    writes.add('b', '2');
    writes.add('c', '3');
    const undone = Promise.all([writes.undo(), writes.undo()]);
    expect(started).toEqual(['a=1']);
    first.resolve(undefined);
    await undone;
    expect([started, writes.isEmpty]).toEqual([['a=1', 'b=2', 'c=3'], true]);
    await writes.undo();
    expect(started).toHaveLength(3);
  });

  it('stays where it could not be undone', async () => {
    let isBroken = true;
    const writes = writesWith(() => (isBroken ? Promise.reject(new Error('lost')) : Promise.resolve()));
    writes.add('a', '1');
    await expect(writes.undo()).rejects.toThrow('lost');
    expect(writes.isEmpty).toBe(false);
    isBroken = false;
    await writes.undo();
    expect(writes.isEmpty).toBe(true);
  });

  it('can be undone by itself', async () => {
    const writes = writesWith(() => Promise.resolve());
    const undo = writes.add('a', '1');
    writes.add('a', '2');
    await undo();
    expect(started).toEqual(['a=1']);
    await writes.undo();
    expect(started).toEqual(['a=1', 'a=2']);
  });

  it('is forgotten beyond a thousand', async () => {
    const writes = writesWith(() => Promise.resolve());
    Array.from({ length: 1_001 }, (_, index) => writes.add('key', String(index)));
    await writes.undo();
    expect([started.length, started[0], started.at(-1)]).toEqual([1_000, 'key=1', 'key=1000']);
  });
});

describe('An entry of a Keyv', () => {
  it('is as the Keyv makes it, and is read back', async () => {
    const keyv = new Keyv();
    const encoded = await encodeEntry(keyv, 'a value', 5);
    expect(JSON.parse(encoded)).toEqual({ value: 'a value', expires: 5 });
    expect(await decodeEntry(keyv, encoded)).toBe('a value');
  });

  it.each<[string, object]>([
    ['without serializers', {}],
    ['whose serializer fails', { serializeData: () => Promise.reject(new Error('broken')), deserializeData: () => { throw new Error('broken'); } }], // prettier-ignore
    ['whose serializer makes no text', { serializeData: () => ({}), deserializeData: () => undefined }],
    ['that finds no value', { deserializeData: () => ({ other: 1 }) }],
  ])('is the value itself of a Keyv %s', async (_, keyv) => {
    expect(await encodeEntry(keyv as Keyv, 'a value', 5)).toBe('a value');
    expect(await decodeEntry(keyv as Keyv, 'a value')).toBe('a value');
  });
});

describe('A key in a cluster', () => {
  it.each([
    ['123456789', 12_739],
    ['foo', 12_182],
    ['{user1000}.following', 3_443],
    ['{user1000}.followers', 3_443],
    ['foo{}{bar}', 8_363],
  ])('has the slot that the specification gives it: %s', (key, slot) => {
    expect(clusterSlotOf(key)).toBe(slot);
  });
});

describe('The store of a cache that instances share', () => {
  it('is the last that is no memory, else the last', () => {
    const [memory, lru, file] = [keyvOn(new Map()), keyvOn(new CacheableMemory()), keyvOn(new FileStore())] as const;
    expect(sharedStoreOf([memory, file, lru])).toEqual({ keyv: file, isMemory: false });
    expect(sharedStoreOf([memory, lru])).toEqual({ keyv: lru, isMemory: true });
    expect(sharedStoreOf([keyvOn(undefined)]).isMemory).toBe(false);
    const { keyv, isMemory } = sharedStoreOf([]);
    expect([keyv instanceof Keyv, isMemory]).toEqual([true, true]);
  });
});

describe('An entry in a store that is no Redis', () => {
  it('is read as it was written, until it is removed', async () => {
    const keyv = new Keyv();
    const entries = entriesOf(keyv);
    expect(await entries.read('key')).toBeUndefined();
    await entries.write('key', 'a value', 60_000);
    expect(await entries.read('key')).toEqual({ value: 'a value', leftMs: undefined });
    await entries.remove('key');
    expect(await entries.read('key')).toBeUndefined();
  });

  it('leaves nothing when it is probed', async () => {
    const keyv = new Keyv();
    await entriesOf(keyv).probe('key');
    expect(await keyv.get('key')).toBeUndefined();
  });

  it.each<[string, unknown, unknown]>([
    ['a raw one', { value: 'a value', expires: 5 }, { value: 'a value', leftMs: undefined }],
    ['bytes of one', Buffer.from('{"value":"a value"}'), { value: 'a value', leftMs: undefined }],
    ['another text', 'a text', { value: 'a text', leftMs: undefined }],
    ['an object', { other: 1 }, { value: { other: 1 }, leftMs: undefined }],
    ['null', null, undefined],
  ])('is what the Keyv finds: %s', async (_, found, entry) => {
    const keyv = Object.assign(new Keyv(), { get: () => Promise.resolve(found) });
    expect(await entriesOf(keyv as unknown as Keyv).read('key')).toEqual(entry);
  });

  it('that cannot be decoded is one that cannot be read, where its store answers', async () => {
    expect(await entriesOf(keyvWith({ get: () => 'x' })).read('key')).toEqual({ value: '', leftMs: undefined });
    await expect(entriesOf(keyvWith({ get: () => Promise.reject(new Error('lost')) })).read('key')).rejects.toThrow(
      'lost',
    );
    for (const store of [undefined, {}]) {
      await expect(entriesOf(keyvWith(store)).read('key')).rejects.toThrow('cannot be decoded');
    }
  });

  it('fails where it was not stored, or its store does not answer in time', async () => {
    const refusing = { set: () => Promise.resolve(false) } as unknown as Keyv;
    await expect(entriesOf(refusing).write('key', 'a value', 5)).rejects.toThrow('the entry was not stored');
    const throwing = { delete: () => { throw new Error('broken'); } } as unknown as Keyv; // prettier-ignore
    await expect(entriesOf(throwing).remove('key')).rejects.toThrow('broken');
    const clock = new ManualClock();
    const hanging = { get: () => deferred<never>().promise } as unknown as Keyv;
    const read = entriesOf(hanging, clock)
      .read('key')
      .catch((error: unknown) => error);
    await clock.turn(100);
    expect(await read).toMatchObject({ message: expect.stringContaining('100 ms') });
  });
});
