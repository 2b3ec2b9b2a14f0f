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
 * A request's work is done when it arrives, even if its answer is then lost: the token was issued, the order created,
 * whether the client hears of it or not. `failNext` alone leaves the work undone.
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
  /** What a token request brings while a good token exists; may be changed at any time. */
  policy: QuiqupSimulatorPolicy;
  /** Life of the tokens to come, in seconds; may be changed at any time. */
  lifetime: number;
  /** What the tokens to come look like; may be changed at any time. */
  tokenFormat: QuiqupSimulatorTokenFormat;
  /** The shape of the token endpoint's errors; may be changed at any time. */
  tokenErrors: QuiqupSimulatorTokenErrors;
  /** Wait before each answer of the token endpoint, in ms; may be changed at any time. */
  latency: number;
  /**
   * How far the wall clock (`created_at`, the `Date` header) is ahead, in seconds; may be changed at any time. Tokens
   * live as long as ever.
   */
  clockOffset: number;

  readonly #clients: SimulatedClients;
  readonly #tokens = new SimulatedTokens();
  readonly #faults = new SimulatedFaults();
  readonly #records = new SimulatedRecords();
  readonly #timers = new SimulatedTimers();
  readonly #servers: SimulatedServers;

  /** @throws Error if `clients` is empty or has one twice */
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
      // All that can fail is the reading of the request: its connection is gone.
      new SimulatedExchange(world, api, request, response).run().catch(() => response.destroy());
    });
  }

  /**
   * Listens; started again after a stop, on the same ports. Rejects with the system's error, `EADDRINUSE` say; then
   * nothing listens.
   */
  async start(): Promise<this> {
    await this.#servers.start();
    return this;
  }

  /** Closes every connection, drops the answers that are held back and the faults to come. Tokens stay. */
  async stop(): Promise<void> {
    this.#faults.clear();
    await this.#servers.stop();
    this.#timers.clear();
  }

  /** The platform's `http://127.0.0.1:PORT/`; stays the same after a stop. Throws before the first start. */
  get url(): string {
    return this.#urlOf('platform');
  }

  /** The last mile's `http://127.0.0.1:PORT/`; stays the same after a stop. Throws before the first start. */
  get lastMileUrl(): string {
    return this.#urlOf('last-mile');
  }

  /** The clients as they are now; the first is the default one. */
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

  /** Lets one more client ask for tokens. Throws if it is there already. */
  addClient(client: QuiqupSimulatorClient): void {
    this.#clients.add(client);
  }

  /** Rotates a client's secret: the old one is refused at once, tokens stay good. Throws for an unknown client. */
  setSecret(clientId: string, clientSecret: string): void {
    this.#clients.setSecret(clientId, clientSecret);
  }

  /** Ends every token, refresh tokens too, at once; returns how many access tokens were alive. */
  revokeAll(): number {
    return this.#tokens.revoke();
  }

  /** Whether a call with this token would be accepted now. */
  isValid(accessToken: string): boolean {
    return this.#tokens.stateOf(accessToken) === 'live';
  }

  /**
   * Has the next request, or the next `times`, answered with this in place of the real answer, its work left undone.
   * Without `on` that is the next request to either origin, whatever it is. Faults queue up: a request meets one at
   * most.
   *
   * @throws RangeError for a `status`, `times` or `on` that there is not
   * @example
   * ```ts
   * simulator.failNext({ on: 'resource', status: 422, fields: [{ field: 'quantity', message: 'must be above 0' }] });
   * ```
   */
  failNext(failure: SimulatedFailure): void {
    this.#faults.add(answerFault(failure), failure);
  }

  /**
   * Has the next real answer, or the next `times`, sent with another status, other headers or another body. Without
   * `on` that is the answer to the next request, whatever it is. Queues and throws like `failNext`.
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
   * Holds the next answer, or the next `times`, back by `ms`; with `Infinity` it never comes. Without `on` that is the
   * answer to the next request, whatever it is. Queues and throws like `failNext`.
   */
  stall(ms: number, scope: SimulatedFaultScope = {}): void {
    this.#faults.add(stallFault(ms), scope);
  }

  /**
   * Sends the next answer, or the next `times`, byte by byte, `ms` apart; with `Infinity` there is only the first one.
   * Without `on` that is the answer to the next request, whatever it is. Queues and throws like `failNext`.
   */
  drip(ms: number, scope: SimulatedFaultScope = {}): void {
    this.#faults.add(dripFault(ms), scope);
  }

  /**
   * Ends the connection in place of the next answer, or the next `times`, or within it. Without `on` that is the answer
   * to the next request, whatever it is. Queues and throws like `failNext`.
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
