import type { QuiqupSimulatorCounters, SimulatedCall } from './simulated-calls.js';
import { SimulatedRecords } from './simulated-calls.js';
import { type QuiqupSimulatorClient, SimulatedClients } from './simulated-clients.js';
import type { QuiqupSimulatorTokenErrors } from './simulated-errors.js';
import { SimulatedExchange } from './simulated-exchange.js';
import type {
  SimulatedAlteration,
  SimulatedDrop,
  SimulatedFailure,
  SimulatedFaultScope,
} from './simulated-fault-options.js';
import { alterationFault, answerFault, dripFault, dropFault, SimulatedFaults, stallFault } from './simulated-faults.js';
import { simulatedLastMile } from './simulated-last-mile.js';
import { simulatedPlatform } from './simulated-platform.js';
import { SimulatedServers } from './simulated-servers.js';
import { SimulatedTimers } from './simulated-timers.js';
import type { QuiqupSimulatorTokenFormat } from './simulated-token-formats.js';
import { type QuiqupSimulatorPolicy, SimulatedTokens } from './simulated-tokens.js';
import type { QuiqupSimulatorOptions } from './simulator-options.js';

/**
 * Stands in for Quiqup in tests and on a developer's machine: real HTTP servers on 127.0.0.1, one for the fulfilment
 * API (`url`) and one for the last mile (`lastMileUrl`), with the paths of the real hosts and no others. Both answer
 * `POST /oauth/token`, and each accepts the tokens of the other.
 *
 * A request's work is done when it arrives, even if its response is lost: the token is issued, the order created,
 * even if the client gets no response. Only `failNext` leaves the work undone.
 *
 * @example
 * ```ts
 * const simulator = await new QuiqupSimulator({ policy: 'revoke', lifetime: 60 }).start();
 * const { clientId, clientSecret } = simulator.clients[0];
 * // … point the module at simulator.url with these credentials, then:
 * simulator.failNext({ on: 'token', status: 503, times: 2, retryAfter: 1 });
 * simulator.revokeAll();
 * expect(simulator.counters.tokenRequests).toBe(3);
 * await simulator.stop();
 * ```
 */
export class QuiqupSimulator {
  /** What a token request returns while a good token exists; may be changed at any time. */
  policy: QuiqupSimulatorPolicy;
  /** Lifetime of new tokens, in seconds; may be changed at any time. */
  lifetime: number;
  /** The format of new tokens; may be changed at any time. */
  tokenFormat: QuiqupSimulatorTokenFormat;
  /** The shape of the token endpoint's errors; may be changed at any time. */
  tokenErrors: QuiqupSimulatorTokenErrors;
  /** Delay before each response of the token endpoint, in ms; may be changed at any time. */
  latency: number;
  /**
   * How far the wall clock (`created_at`, the `Date` header) is ahead, in seconds; may be changed at any time. The
   * lifetime of tokens does not change.
   */
  clockOffset: number;

  readonly #clients: SimulatedClients;
  readonly #tokens = new SimulatedTokens();
  readonly #faults = new SimulatedFaults();
  readonly #records = new SimulatedRecords();
  readonly #timers = new SimulatedTimers();
  readonly #servers: SimulatedServers;

  /** @throws Error if `clients` is empty or contains a client twice */
  constructor(options: QuiqupSimulatorOptions = {}) {
    const { port = 0, lastMilePort = 0, refreshTokens = false, onCall } = options;
    this.policy = options.policy ?? 'fresh';
    this.lifetime = options.lifetime ?? 3_600;
    this.tokenFormat = options.tokenFormat ?? 'hex';
    this.tokenErrors = options.tokenErrors ?? 'oauth';
    this.latency = options.latency ?? 0;
    this.clockOffset = options.clockOffset ?? 0;
    this.#clients = new SimulatedClients(options.clients);
    const orderCreated = (): void => void (this.#records.counters.orders += 1);
    const world = {
      settings: this,
      withRefreshToken: refreshTokens,
      clients: this.#clients,
      tokens: this.#tokens,
      routes: { platform: simulatedPlatform(orderCreated), 'last-mile': simulatedLastMile(orderCreated) },
      faults: this.#faults,
      records: this.#records,
      timers: this.#timers,
      onCall,
    };
    this.#servers = new SimulatedServers({ platform: port, 'last-mile': lastMilePort }, (api, request, response) => {
      // Only reading the request can fail, because its connection is gone.
      new SimulatedExchange(world, api, request, response).run().catch(() => response.destroy());
    });
  }

  /**
   * Listens. After a stop, it listens on the same ports again. Rejects with the system's error, such as `EADDRINUSE`; then
   * nothing listens.
   */
  async start(): Promise<this> {
    await this.#servers.start();
    return this;
  }

  /** Closes every connection, and drops delayed responses and queued faults. Tokens stay. */
  async stop(): Promise<void> {
    this.#faults.clear();
    await this.#servers.stop();
    this.#timers.clear();
  }

  /** The URL of the platform, `http://127.0.0.1:PORT/`; stays the same after a stop. Throws before the first start. */
  get url(): string {
    return this.#urlOf('platform');
  }

  /** The URL of the last mile, `http://127.0.0.1:PORT/`; stays the same after a stop. Throws before the first start. */
  get lastMileUrl(): string {
    return this.#urlOf('last-mile');
  }

  /** The current clients; the first is the default one. */
  get clients(): readonly [QuiqupSimulatorClient, ...QuiqupSimulatorClient[]] {
    return this.#clients.all;
  }

  get counters(): QuiqupSimulatorCounters {
    return this.#records.counters;
  }

  /** Every request to either origin, oldest first: the last 10,000. */
  get calls(): readonly SimulatedCall[] {
    return this.#records.calls;
  }

  /** Sets {@link counters} to 0 and empties {@link calls}; orders and tokens stay. */
  resetCounters(): void {
    this.#records.reset();
  }

  /** Adds a client. Throws if it exists already. */
  addClient(client: QuiqupSimulatorClient): void {
    this.#clients.add(client);
  }

  /** Rotates a client's secret: the old one is refused at once, tokens stay valid. Throws for an unknown client. */
  setSecret(clientId: string, clientSecret: string): void {
    this.#clients.setSecret(clientId, clientSecret);
  }

  /** Revokes every token at once, including refresh tokens. Returns the number of access tokens that were valid. */
  revokeAll(): number {
    return this.#tokens.revoke();
  }

  /** Whether a call with this token would be accepted now. */
  isValid(accessToken: string): boolean {
    return this.#tokens.stateOf(accessToken) === 'live';
  }

  /**
   * Answers the next request, or the next `times`, with this instead of the real response. The work is not done.
   * Without `on` that is the next request to either origin. Faults form a queue: each request gets one at
   * most.
   *
   * @throws RangeError for an impossible `status`, `times` or `on`
   * @example
   * ```ts
   * simulator.failNext({ on: 'resource', status: 422, fields: [{ field: 'quantity', message: 'must be above 0' }] });
   * ```
   */
  failNext(failure: SimulatedFailure): void {
    this.#faults.add(answerFault(failure), failure);
  }

  /**
   * Sends the next real response, or the next `times`, with another status, other headers or another body. Without
   * `on` that is the response to the next request of any kind. Queues and throws like `failNext`.
   *
   * @example
   * ```ts
   * simulator.alterNext({ on: 'token', body: (fields) => ({ ...fields, expires_in: '3600' }) });
   * ```
   */
  alterNext(alteration: SimulatedAlteration): void {
    this.#faults.add(alterationFault(alteration), alteration);
  }

  /**
   * Delays the next response, or the next `times`, by `ms`; with `Infinity` it never comes. Without `on` that is the
   * response to the next request of any kind. Queues and throws like `failNext`.
   */
  stall(ms: number, scope: SimulatedFaultScope = {}): void {
    this.#faults.add(stallFault(ms), scope);
  }

  /**
   * Sends the next response, or the next `times`, byte by byte, `ms` apart; with `Infinity` only the first byte.
   * Without `on` that is the response to the next request of any kind. Queues and throws like `failNext`.
   */
  drip(ms: number, scope: SimulatedFaultScope = {}): void {
    this.#faults.add(dripFault(ms), scope);
  }

  /**
   * Ends the connection instead of the next response, or the next `times`, or within it. Without `on` that is the response
   * to the next request of any kind. Queues and throws like `failNext`.
   */
  drop(drop: SimulatedDrop = {}): void {
    this.#faults.add(dropFault(drop), drop);
  }

  #urlOf(api: 'platform' | 'last-mile'): string {
    const url = this.#servers.urlOf(api);
    if (url === undefined) {
      throw new Error('The simulator has no url yet: await simulator.start() first.');
    }
    return url;
  }
}
