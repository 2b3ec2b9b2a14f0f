import { beforeEach, describe, expect, it } from '@jest/globals';
import { Keyv } from 'keyv';
import { EventEmitter } from 'node:events';
import type { RedisAdapter } from '../lib/store/redis-client.js';
import { connectLimitOf, RedisEntries } from '../lib/store/redis-entries.js';
import { deferred } from './support/deferred.js';
import { ManualClock } from './support/manual-clock.js';

interface Stored {
  readonly value: string;
  readonly ttlMs: number;
}

/** A client of Redis on a clock, whose connection and commands can fail. */
class FakeClient extends EventEmitter {
  isOpen = false;
  isReady = false;
  readonly stored = new Map<string, Stored>();
  readonly sent: string[] = [];
  /** The results of the next commands; `hang` never ends. */
  readonly failures: (Error | 'hang')[] = [];
  connects = 0;
  /** The results of the next attempts to connect. */
  readonly connectFailures: (Error | 'hang')[] = [];

  async connect(): Promise<void> {
    this.connects += 1;
    await this.end(this.connectFailures.shift());
    this.isOpen = true;
    this.isReady = true;
    this.emit('connect');
  }

  set(key: string, value: string, { PX, NX }: { PX: number; NX?: true }): Promise<unknown> {
    return this.run('set', () => {
      if (NX === true && this.stored.has(key)) {
        return null;
      }
      this.stored.set(key, { value, ttlMs: PX });
      return 'OK';
    });
  }
  getRange = (key: string): Promise<unknown> => this.run('getRange', () => this.stored.get(key)?.value ?? '');
  get = (key: string): Promise<unknown> => this.run('get', () => this.stored.get(key)?.value ?? null);
  pTTL = (key: string): Promise<unknown> => this.run('pTTL', () => this.stored.get(key)?.ttlMs ?? -2);
  del = (key: string): Promise<unknown> => this.run('del', () => this.stored.delete(key));
  unlink = (key: string): Promise<unknown> => this.run('unlink', () => this.stored.delete(key));
  eval = (_script: string, { keys: [key = ''], arguments: [value] }: { keys: string[]; arguments: string[] }) =>
    this.run('eval', () => this.stored.get(key)?.value === value && this.stored.delete(key));

  private async run<T>(command: string, work: () => T): Promise<T> {
    this.sent.push(command);
    await this.end(this.failures.shift());
    return work();
  }

  private end(failure: Error | 'hang' | undefined): Promise<unknown> {
    if (failure === 'hang') {
      return deferred<never>().promise;
    }
    return failure === undefined ? Promise.resolve() : Promise.reject(failure);
  }
}

const LIMIT_MS = 100;
const dead = () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

let clock: ManualClock;
let client: FakeClient;
let disconnects: number;
let keyv: Keyv;
beforeEach(() => {
  clock = new ManualClock();
  client = new FakeClient();
  disconnects = 0;
  keyv = new Keyv();
});

function entriesOf({ isOwn = true, ...own }: Partial<RedisAdapter> & { isOwn?: boolean } = {}): RedisEntries {
  const adapter = {
    client,
    namespace: 'ns',
    createKeyPrefix: (key: string, namespace?: string) => `${namespace}::${key}`,
    disconnect: (isForced?: boolean) => {
      disconnects += isForced === true ? 1 : 0;
      client.isOpen = false;
      client.isReady = false;
      return Promise.resolve();
    },
    ...own,
  } as unknown as RedisAdapter;
  let ids = 0;
  return new RedisEntries({ keyv, adapter, isOwn, timeoutMs: LIMIT_MS, clock, random: { next: () => 0, id: () => `id-${(ids += 1)}` } }); // prettier-ignore
}
const messageOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => 'nothing', (error: Error) => error.message); // prettier-ignore

describe('An entry', () => {
  it('is written under the name that Keyv and its adapter make, and read with what is left of its life', async () => {
    const entries = entriesOf();
    await entries.write('key', 'a value', 60_000);
    const [[name, { value, ttlMs }] = ['', { value: '', ttlMs: 0 }]] = [...client.stored];
    expect([name, ttlMs, JSON.parse(value)]).toEqual([
      'ns::keyv:key',
      60_000,
      { value: 'a value', expires: clock.wallNow() + 60_000 },
    ]);
    expect(await entries.read('key')).toEqual({ value: 'a value', leftMs: 60_000 });
    client.stored.set(name, { value, ttlMs: -1 });
    expect(await entries.read('key')).toEqual({ value: 'a value', leftMs: undefined });
    keyv.useKeyPrefix = false;
    expect(await entries.read('key')).toBeUndefined();
    expect(client.connects).toBe(1);
  });

  it('lives for so much less as it waited for its connection, and 1 ms at least', async () => {
    client.connectFailures.push('hang');
    client.isOpen = true;
    const entries = entriesOf();
    const writes = [entries.write('one', 'a value', 150), entries.write('two', 'a value', 50)];
    await clock.turn(60);
    client.isReady = true;
    await clock.turn(20);
    await Promise.all(writes);
    expect([...client.stored.values()].map(({ ttlMs }) => ttlMs)).toEqual([expect.any(Number), 1]);
    expect(client.stored.get('ns::keyv:one')?.ttlMs).toBeLessThanOrEqual(90);
  });

  it.each([
    [undefined, 'unlink'],
    [true, 'unlink'],
    [false, 'del'],
  ])('is removed as the cache removes (useUnlink: %p)', async (useUnlink, command) => {
    await entriesOf(useUnlink === undefined ? {} : { useUnlink }).remove('key');
    expect(client.sent).toEqual([command]);
  });

  it('that is bytes is decoded, and one that is neither is what it is', async () => {
    const entries = entriesOf();
    client.getRange = () => Promise.resolve(Buffer.from('{"value":"a value"}'));
    client.pTTL = () => Promise.resolve('7');
    expect(await entries.read('key')).toEqual({ value: 'a value', leftMs: 7 });
    client.getRange = () => Promise.resolve(5);
    expect(await entries.read('key')).toEqual({ value: 5, leftMs: 7 });
  });

  it.each([null, undefined])('is none where Redis says %p', async (reply) => {
    client.getRange = () => Promise.resolve(reply);
    client.pTTL = () => Promise.resolve(7);
    expect(await entriesOf().read('key')).toBeUndefined();
  });
});

describe('A probe', () => {
  it('sends all that the store sends, and leaves nothing', async () => {
    await entriesOf().probe('key');
    expect(client.sent).toEqual(['set', 'getRange', 'pTTL', 'unlink', 'set', 'eval']);
    expect(client.stored.size).toBe(0);
  });

  it('fails where what was stored is not there', async () => {
    client.getRange = () => Promise.resolve('');
    expect(await messageOf(entriesOf().probe('key'))).toBe('the entry was not stored');
  });

  it('gives its key a life', async () => {
    client.unlink = () => Promise.reject(new Error('NOPERM'));
    expect(await messageOf(entriesOf().probe('key'))).toBe('NOPERM');
    expect([...client.stored.values()].every(({ ttlMs }) => ttlMs > 1_000 && ttlMs <= 60_000)).toBe(true);
  });
});

describe('A lock', () => {
  it('is taken by one, for a while, and freed by its owner alone', async () => {
    const entries = entriesOf();
    expect([await entries.take('lock', 'one', 6_000), await entries.take('lock', 'two', 6_000)]).toEqual([true, false]);
    expect(client.stored.get('ns::keyv:lock')).toEqual({ value: 'one', ttlMs: 6_000 });
    expect(await entries.ownerOf('lock')).toBe('one');
    await entries.free('lock', 'two');
    expect(await entries.ownerOf('lock')).toBe('one');
    await entries.free('lock', 'one');
    expect(await entries.ownerOf('lock')).toBeNull();
  });

  it('is not taken where Redis says nothing', async () => {
    client.set = () => Promise.resolve();
    expect(await entriesOf().take('lock', 'one', 6_000)).toBe(false);
  });
});

describe('A command that is given up', () => {
  it('is undone at once where there is a connection, and before the next otherwise', async () => {
    const entries = entriesOf();
    await entries.write('other', 'a value', 60_000);
    client.failures.push('hang');
    const taken = messageOf(entries.take('lock', 'one', 6_000));
    await clock.turn(LIMIT_MS);
    expect(await taken).toContain(`${LIMIT_MS} ms`);
    await entries.settled();
    expect(client.sent.at(-1)).toBe('eval');

    client.sent.length = 0;
    client.isReady = false;
    entries.freeLater('lock', 'one');
    await entries.settled();
    expect(client.sent).toEqual([]);
    client.isReady = true;
    await entries.read('other');
    expect(client.sent).toEqual(['eval', 'getRange', 'pTTL']);
    await entries.read('other');
    expect(client.sent.filter((command) => command === 'eval')).toHaveLength(1);
  });

  it('stays to be undone where that fails, and nothing else is sent before', async () => {
    const entries = entriesOf();
    await entries.write('other', 'a value', 60_000);
    client.failures.push(new Error('BUSY'));
    entries.freeLater('lock', 'one');
    await entries.settled();
    client.sent.length = 0;
    client.failures.push(new Error('BUSY'));
    expect(await messageOf(entries.read('other'))).toBe('BUSY');
    expect(client.sent).toEqual(['eval']);
    expect(await entries.read('other')).toMatchObject({ value: 'a value' });
  });

  it.each(['write', 'free'])('may be a %s, which is undone too', async (command) => {
    const entries = entriesOf();
    await entries.write('key', 'a value', 60_000);
    client.failures.push(new Error('OOM'));
    const work = command === 'write' ? entries.write('key', 'another', 5_000) : entries.free('key', 'one');
    expect(await messageOf(work)).toBe('OOM');
    await entries.settled();
    expect(client.sent.at(-1)).toBe('eval');
    expect(client.stored.has('ns::keyv:key')).toBe(true);
  });
});

describe('A connection', () => {
  it('that was dead is made anew, and the command sent once more', async () => {
    const entries = entriesOf();
    await entries.write('key', 'a value', 60_000);
    client.failures.push(dead(), dead());
    expect(await messageOf(entries.remove('key'))).toBe('read ECONNRESET');
    client.failures.push(dead());
    await entries.remove('key');
    expect(client.stored.size).toBe(0);
    client.failures.push(new Error('READONLY'));
    expect(await messageOf(entries.remove('key'))).toBe('READONLY');
  });

  it('that cannot be made in time is dropped, with what the client met', async () => {
    const entries = entriesOf();
    client.connectFailures.push(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    expect(await messageOf(entries.read('key'))).toBe('refused');
    expect(disconnects).toBe(1);
    client.connectFailures.push('hang');
    const read = entries.read('key').catch((error: unknown) => error);
    await clock.turn(1);
    client.emit('error', new Error('a lost packet'));
    await clock.turn(connectLimitOf(LIMIT_MS));
    expect(await read).toMatchObject({ message: 'no connection within 200 ms', cause: { message: 'a lost packet' } });
    expect(disconnects).toBe(2);
  });

  it('is waited for where somebody else makes it, and made once for all commands', async () => {
    client.isOpen = true;
    const others = entriesOf({ isOwn: false });
    const read = others.read('key');
    await clock.turn(35);
    expect(client.sent).toEqual([]);
    client.isReady = true;
    await clock.turn(10);
    expect(await read).toBeUndefined();
    expect(client.connects).toBe(0);

    client.isOpen = false;
    client.isReady = false;
    client.emit('error', new Error('lost'));
    await Promise.all([others.read('key'), others.read('key'), others.read('key')]);
    expect(client.connects).toBe(1);
  });

  it('that its owner has closed is not opened again, and one of our own is', async () => {
    const others = entriesOf({ isOwn: false });
    await others.read('key');
    client.isOpen = false;
    client.isReady = false;
    expect(await messageOf(others.read('key'))).toBe('the connection was closed by its owner');
    expect(disconnects).toBe(0);
    const own = entriesOf();
    await own.read('key');
    expect(client.connects).toBe(2);
  });

  it('is not opened any more once the application ends, unless it is our own', async () => {
    const others = entriesOf({ isOwn: false });
    others.connection.stopReconnecting();
    expect(await messageOf(others.read('key'))).toBe('the connection was closed by its owner');
    const own = entriesOf();
    own.connection.stopReconnecting();
    expect(await own.read('key')).toBeUndefined();
  });

  it('ends all waits when it is closed, and closes what is our own', async () => {
    const own = entriesOf();
    await own.read('key');
    client.failures.push('hang', 'hang');
    const read = messageOf(own.read('key'));
    await clock.turn(1);
    await own.connection.close();
    expect([await read, disconnects, own.connection.ending.aborted]).toEqual([
      'the connection was closed by its owner',
      1,
      true,
    ]);
    const others = entriesOf({ isOwn: false });
    await others.connection.close();
    expect(disconnects).toBe(1);
    expect(await messageOf(others.read('key'))).toBe('the connection was closed by its owner');
  });

  it('in a cluster is that of the node that has the key', async () => {
    const node: { client?: { isReady: boolean } } = {};
    const asked: unknown[] = [];
    const slots: unknown[] = [];
    slots[12_182] = { master: node };
    Object.assign(client, {
      isOpen: true,
      slots,
      nodeClient: (one: unknown) => {
        asked.push(one);
        node.client = { isReady: true };
        return Promise.resolve();
      },
    });
    const entries = entriesOf({ createKeyPrefix: () => 'foo' });
    expect(entries.connection.isReady('foo')).toBe(false);
    await entries.read('foo');
    expect([asked, entries.connection.isReady('foo'), entries.connection.isReady('bar')]).toEqual([
      [node],
      true,
      false,
    ]);
  });
});

const close = (): void => {
  client.isOpen = false;
  client.isReady = false;
};
const open = (): void => {
  client.isOpen = true;
  client.isReady = true;
};
const CLOSED = 'the connection was closed by its owner';
const connectsOf = async (entries: RedisEntries): Promise<unknown> => {
  const before = client.connects;
  const message = await messageOf(entries.read('key'));
  return message === 'nothing' ? client.connects - before : message;
};

describe('A client of the application', () => {
  it('that was open before is not opened again once it is closed', async () => {
    open();
    const entries = entriesOf({ isOwn: false });
    close();
    expect(await connectsOf(entries)).toBe(CLOSED);
  });

  it('that the application opened is not opened again once it is closed', async () => {
    const entries = entriesOf({ isOwn: false });
    open();
    // As it is looked at first.
    expect(await connectsOf(entries)).toBe(0);
    close();
    expect(await connectsOf(entries)).toBe(CLOSED);
    open();
    client.emit('connect');
    close();
    expect(await connectsOf(entries)).toBe(CLOSED);
  });

  it.each(['error', 'node-error'])('that closed itself after an %s is opened again', async (event) => {
    const entries = entriesOf({ isOwn: false });
    expect(await connectsOf(entries)).toBe(1);
    close();
    client.emit(event, new Error('lost'));
    expect(await connectsOf(entries)).toBe(1);
  });

  it('that had an error while it was open, and is closed later, is not', async () => {
    const entries = entriesOf({ isOwn: false });
    await connectsOf(entries);
    client.emit('error', new Error('passing'));
    close();
    expect(await connectsOf(entries)).toBe(CLOSED);
  });

  it('that its Keyv has disconnected is not opened again, whatever happened before', async () => {
    const entries = entriesOf({ isOwn: false });
    await connectsOf(entries);
    close();
    client.emit('error', new Error('lost'));
    keyv.emit('disconnect');
    expect(await connectsOf(entries)).toBe(CLOSED);
  });

  it('that could not connect and stays open, as one of sentinels, is closed for the next try', async () => {
    const entries = entriesOf({ isOwn: false });
    client.connect = () => {
      client.isOpen = true;
      return Promise.reject(new Error('no sentinel'));
    };
    expect(await messageOf(entries.read('key'))).toBe('no sentinel');
    expect([disconnects, client.isOpen]).toEqual([1, false]);
  });

  it('that could not connect is otherwise left to its owner', async () => {
    const entries = entriesOf({ isOwn: false });
    client.connectFailures.push(new Error('refused'));
    expect(await messageOf(entries.read('key'))).toBe('refused');
    expect(disconnects).toBe(0);
  });
});

describe('Our own connection', () => {
  it('that is being made is made before it is closed, for a socket would outlive the client', async () => {
    const connected = deferred<void>();
    client.connect = () => connected.promise;
    const own = entriesOf();
    const read = messageOf(own.read('key'));
    await clock.turn(0);
    const closing = own.connection.close();
    await clock.turn(0);
    expect(disconnects).toBe(0);
    connected.resolve();
    await closing;
    expect(await read).toBe('the connection was closed by its owner');
    expect(disconnects).toBeGreaterThan(0);
  });

  it('is closed after its limit where it never comes about, or fails', async () => {
    client.connectFailures.push('hang');
    const own = entriesOf();
    const read = messageOf(own.read('key'));
    await clock.turn(0);
    const closing = own.connection.close();
    await clock.turn(connectLimitOf(LIMIT_MS));
    await closing;
    await read;
    expect(own.connection.ending.aborted).toBe(true);
  });

  it('is not missed where closing it fails', async () => {
    const own = entriesOf({ disconnect: () => Promise.reject(new Error('gone already')) });
    await own.read('key');
    await own.connection.close();
    expect(own.connection.ending.aborted).toBe(true);
  });
});
