import { Logger } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import axios from 'axios';
import { AccountRuntime } from '../../lib/accounts/account-runtime.js';
import { createQuiqupAuthConfig } from '../../lib/config/quiqup-auth.config.js';
import type { QuiqupAuthModuleOptions } from '../../lib/config/quiqup-auth-options.interface.js';
import { TrustedOrigins } from '../../lib/http/trusted-origins.js';
import { CacheTokenStore } from '../../lib/store/cache-token-store.js';
import type { LockAttempt, RefreshLock } from '../../lib/store/refresh-lock.js';
import type { FoundEntry, SharedEntries } from '../../lib/store/shared-entries.js';
import { StoreLog } from '../../lib/store/store-log.js';
import type { Clock, Random } from '../../lib/time/index.js';
import { AuthEvents } from '../../lib/token/auth-events.js';
import { resolveCredentials } from '../../lib/token/credentials.js';
import type { QuiqupAuthEvent } from '../../lib/token/quiqup-auth-event.js';
import { createTokenClient } from '../../lib/token/token-client.js';
import { ManualClock } from './manual-clock.js';
import { RecordedLog } from './recorded-log.js';
import { ScriptedEndpoint } from './scripted-endpoint.js';

interface Entry {
  readonly value: string;
  readonly endsAt: number;
}

/** A store that instances share. */
class SharedMap {
  readonly entries = new Map<string, Entry>();
  /** The commands that were carried out, such as `write token`. */
  readonly commands: string[] = [];

  constructor(private readonly clock: Clock) {}

  /** The kinds of the stored entries. */
  get kinds(): string[] {
    return [...this.entries.keys()].filter((key) => this.find(key) !== undefined).map(kindOf);
  }

  /** Gives the lock to an owner for a time; by default longer than any wait. */
  lockBy(owner: string, lifeMs = 3_600_000): void {
    const [key = ''] = this.entries.keys();
    this.entries.set(key.replace(/\}:.*$/, '}:lock'), { value: owner, endsAt: this.clock.now() + lifeMs });
  }

  find(key: string): FoundEntry | undefined {
    const entry = this.entries.get(key);
    const leftMs = (entry?.endsAt ?? 0) - this.clock.now();
    return entry === undefined || leftMs <= 0 ? undefined : { value: entry.value, leftMs };
  }

  write(key: string, value: string, ttlMs: number): void {
    this.entries.set(key, { value, endsAt: this.clock.now() + ttlMs });
  }
}

function kindOf(key: string): string {
  return key.replace(/^.*\}:/, '').replace(/:.*$/, '');
}

/** One instance's way to the store, which can break. */
class WayToStore implements SharedEntries {
  isBroken = false;
  probes = 0;
  /** Called before each command, such as `read token`. */
  before: (command: string) => void = () => undefined;
  /** Called after each command, before its response arrives. */
  after: (command: string) => void = () => undefined;

  constructor(private readonly map: SharedMap) {}

  read(key: string): Promise<FoundEntry | undefined> {
    return this.send('read', key, () => this.map.find(key));
  }

  write(key: string, value: string, ttlMs: number): Promise<void> {
    return this.send('write', key, () => this.map.write(key, value, ttlMs));
  }

  remove(key: string): Promise<void> {
    return this.send('remove', key, () => void this.map.entries.delete(key));
  }

  probe(): Promise<void> {
    this.probes += 1;
    return this.isBroken ? Promise.reject(new Error('the store is gone')) : Promise.resolve();
  }

  /** As Redis' `SET NX PX`: who has it if it was not to be had. */
  take(key: string, owner: string, lifeMs: number): Promise<string | undefined> {
    return this.send('take', key, () => {
      const heldBy = this.map.find(key)?.value;
      if (heldBy !== undefined) {
        return heldBy as string;
      }
      this.map.write(key, owner, lifeMs);
      return undefined;
    });
  }

  release(key: string, owner: string): Promise<void> {
    return this.send('release', key, () => {
      if (this.map.find(key)?.value === owner) {
        this.map.entries.delete(key);
      }
    });
  }

  private async send<T>(command: string, key: string, work: () => T): Promise<T> {
    const name = `${command} ${kindOf(key)}`;
    this.before(name);
    if (this.isBroken) {
      throw new Error('the store is gone');
    }
    this.map.commands.push(name);
    const response = work();
    this.after(name);
    return Promise.resolve(response);
  }
}

/** A lock in the store, as that in Redis is. */
class LockInStore implements RefreshLock {
  constructor(
    private readonly way: WayToStore,
    private readonly store: CacheTokenStore,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  async tryAcquire(key: string, lifeMs: number): Promise<LockAttempt | undefined> {
    const { way, store, clock } = this;
    const takenAt = clock.now();
    const owner = this.random.id();
    const result = await store.breaker.run(() => way.take(key, owner, lifeMs));
    if (result === undefined) {
      return undefined;
    }
    if (result.value !== undefined) {
      return { heldBy: result.value };
    }
    const lease = {
      get ageMs() {
        return clock.now() - takenAt;
      },
      release: async () => void (await store.breaker.run(() => way.release(key, owner))),
    };
    return { lease };
  }
}

const ORIGIN = 'http://localhost';

/** One instance: the shipped classes as `AccountRuntime` wires them. */
export interface VirtualInstance extends AccountRuntime {
  readonly events: QuiqupAuthEvent[];
  readonly way: WayToStore;
  readonly registry: SchedulerRegistry;
  /** The status of a call to an API that accepts these tokens and answers 401 to all others. */
  call(accepts: (token: string) => boolean): Promise<number>;
}

export interface VirtualOptions extends Partial<QuiqupAuthModuleOptions> {
  /** The random value. Default 0. */
  readonly draw?: () => number;
}

/** Instances of one account in one process, on a clock that can be turned, with a store and an endpoint of their own. */
export class VirtualInstances {
  readonly clock = new ManualClock();
  readonly endpoint = new ScriptedEndpoint(this.clock);
  readonly store = new SharedMap(this.clock);
  readonly log = new RecordedLog();
  private readonly runtimes: AccountRuntime[] = [];
  private ids = 0;

  constructor() {
    Logger.overrideLogger(this.log);
  }

  start({ draw = () => 0, ...options }: VirtualOptions = {}): VirtualInstance {
    const { clock } = this;
    const config = createQuiqupAuthConfig({
      baseUrl: ORIGIN,
      clientId: 'a-client',
      clientSecret: 'a-client-secret',
      refresh: { enabled: false },
      ...options,
      http: { adapter: this.endpoint.adapter },
    });
    const seen: QuiqupAuthEvent[] = [];
    const events = new AuthEvents((event) => seen.push(event));
    const way = new WayToStore(this.store);
    const store = new CacheTokenStore(
      way,
      { log: new StoreLog(), listener: (event) => events.emit(event), clock },
      clock,
    );
    const random: Random = { next: draw, id: () => `id-${(this.ids += 1)}` };
    const registry = new SchedulerRegistry();
    const runtime = new AccountRuntime(
      {
        config,
        coordination: {
          store,
          lock: new LockInStore(way, store, clock, random),
          stopReconnecting: () => undefined,
          close: () => Promise.resolve(),
        },
        tokenClient: createTokenClient(config),
        registry,
        trusted: new TrustedOrigins([ORIGIN]),
        clock,
        ioClock: clock,
        random,
      },
      { askCredentials: () => resolveCredentials(config), events, label: 'QuiqupAuth', timerName: 'timer' },
    );
    this.runtimes.push(runtime);
    const adapter = runtime.createAdapter(runtime.tokens);
    const call = async (accepts: (token: string) => boolean): Promise<number> => {
      const client = axios.create({
        baseURL: ORIGIN,
        validateStatus: () => true,
        adapter: (sent) => {
          const token = String(sent.headers['Authorization']).replace('Bearer ', '');
          const status = accepts(token) ? 200 : 401;
          return Promise.resolve({ status, statusText: '', headers: {}, data: '', config: sent });
        },
      });
      client.interceptors.request.use((sent) => adapter.wrap(sent, client));
      return (await client.get('/orders')).status;
    };
    return Object.assign(runtime, { events: seen, way, registry, call });
  }

  /** How often the endpoint was asked. */
  get requests(): number {
    return this.endpoint.requests.length;
  }

  /** When the endpoint was asked, in ms since the given time. */
  requestedAfter(since: number): number[] {
    return this.endpoint.requests.map(({ at }) => at - since);
  }

  turn(ms: number): Promise<void> {
    return this.clock.turn(ms);
  }

  async stop(): Promise<void> {
    await Promise.all(this.runtimes.map((runtime) => runtime.close()));
  }
}

/** The result: the value, or the code of the error. */
export function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (value) => value,
    (error: { code?: unknown; message?: unknown }) => error.code ?? error.message,
  );
}
