import { createHash } from 'node:crypto';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { jsonAnswer, type SimulatedAnswer } from './simulated-answer.js';
import {
  alterationFault,
  answerFault,
  carryOut,
  dripFault,
  dropFault,
  type SimulatedAlteration,
  type SimulatedCallKind,
  type SimulatedDrop,
  type SimulatedFailure,
  SimulatedFaults,
  type SimulatedFaultScope,
  stallFault,
} from './simulated-faults.js';
import { SimulatedOrders } from './simulated-orders.js';
import {
  answerTokenRequest,
  type QuiqupSimulatorClient,
  readTokenRequest,
  type TokenRequest,
} from './simulated-token-endpoint.js';
import { type QuiqupSimulatorPolicy, SimulatedTokens, type TokenState } from './simulated-tokens.js';
import { hangUp, type SimulatedTransfer } from './simulated-transfer.js';

/** Options of {@link QuiqupSimulator}. */
export interface QuiqupSimulatorOptions {
  /** What a token request brings while a good token exists. Default `'fresh'`. */
  readonly policy?: QuiqupSimulatorPolicy | undefined;
  /** Life of a new token in seconds, fractions allowed; `Infinity` leaves `expires_in` out. Default 3600. */
  readonly lifetime?: number | undefined;
  /** At least one. Default `{ clientId: 'simulated-client', clientSecret: 'simulated-secret' }` alone. */
  readonly clients?: readonly QuiqupSimulatorClient[] | undefined;
  /** Default 0: any free one. */
  readonly port?: number | undefined;
  /** Wait before each answer of the token endpoint, in ms. Default 0. */
  readonly latency?: number | undefined;
  /** How far the wall clock is ahead, in seconds; negative if it is behind. Default 0. */
  readonly clockOffset?: number | undefined;
  /** Whether token answers carry a `refresh_token`, good once. Default false. */
  readonly refreshTokens?: boolean | undefined;
}

/** What has happened since the start or the last {@link QuiqupSimulator.resetCounters}. */
export interface QuiqupSimulatorCounters {
  /** Requests to the token endpoint, refused ones included. */
  readonly tokenRequests: number;
  /** New tokens; one that is answered again under `reuse` does not count. */
  readonly tokensIssued: number;
  /** Requests to anything else. */
  readonly calls: number;
  /** Those of `calls` that were answered with 401. */
  readonly unauthorized: number;
  /** Orders created. */
  readonly orders: number;
}

/** One request in the log. It holds no secret and no token in clear. */
export interface SimulatedCall {
  /** Arrival, in ms of `performance.now()`. */
  readonly at: number;
  readonly kind: SimulatedCallKind;
  readonly method: string;
  /** As it was asked for; of a token request without the query. */
  readonly path: string;
  /** 0 while there is no answer. */
  readonly status: number;
  /** Without `authorization`. */
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** The raw body, once it has arrived; never that of a token request. */
  readonly body?: Buffer;
  /** The first 8 hex digits of the SHA-256 of the bearer token presented, or of the access token answered. */
  readonly token?: string;
  /** Who asked for a token, as claimed; else whose token it was, if it was good. */
  readonly clientId?: string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const DEFAULT_CLIENT: QuiqupSimulatorClient = { clientId: 'simulated-client', clientSecret: 'simulated-secret' };
const LONGEST_LOG = 10_000;
/** A test's burst of connections must not wait seconds for TCP to try again, or be reset; Node's own is 511. */
const BACKLOG = 4_096;
/** `setTimeout` takes anything longer for 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const NO_COUNTS: QuiqupSimulatorCounters = { tokenRequests: 0, tokensIssued: 0, calls: 0, unauthorized: 0, orders: 0 };

const REFUSALS: Record<Exclude<TokenState, 'live'>, string> = {
  expired: 'The access token expired',
  revoked: 'The access token was revoked',
  unknown: 'The access token is invalid',
};

/**
 * Stands in for Quiqup in tests and on a developer's machine: a real HTTP server on 127.0.0.1 that issues tokens at
 * `POST …/oauth/token` and accepts them at `…/orders`, under any path prefix.
 *
 * A request's work is done when it arrives, whatever then becomes of its answer: the token was issued, the order
 * created, whether the client hears of it or not. `failNext` alone leaves the work undone.
 *
 * @example
 * ```ts
 * const simulator = await new QuiqupSimulator({ policy: 'revoke', lifetime: 60 }).start();
 * const { clientId, clientSecret } = simulator.clients[0];
 * // … point the module at simulator.url with these credentials, then:
 * simulator.failNext({ status: 503, times: 2, retryAfter: 1 });
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
  /** Wait before each answer of the token endpoint, in ms; may be changed at any time. */
  latency: number;
  /**
   * How far the wall clock (`created_at`, the `Date` header) is ahead, in seconds; may be changed at any time. Tokens
   * live as long as ever.
   */
  clockOffset: number;

  readonly #refreshTokens: boolean;
  readonly #clients: [QuiqupSimulatorClient, ...QuiqupSimulatorClient[]];
  readonly #tokens = new SimulatedTokens();
  readonly #orders = new SimulatedOrders();
  readonly #faults = new SimulatedFaults();
  readonly #counters: Mutable<QuiqupSimulatorCounters> = { ...NO_COUNTS };
  readonly #calls: SimulatedCall[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  #port: number;
  #server: Promise<Server> | undefined;
  #url: string | undefined;

  constructor(options: QuiqupSimulatorOptions = {}) {
    this.policy = options.policy ?? 'fresh';
    this.lifetime = options.lifetime ?? 3_600;
    this.latency = options.latency ?? 0;
    this.clockOffset = options.clockOffset ?? 0;
    this.#port = options.port ?? 0;
    this.#refreshTokens = options.refreshTokens ?? false;
    const [first, ...others] = options.clients ?? [DEFAULT_CLIENT];
    if (!first) {
      throw new Error('The simulator needs at least one client. Leave clients out for the default one.');
    }
    this.#clients = [{ ...first }];
    others.forEach((client) => this.addClient(client));
  }

  /** Listens; started again after a stop, on the same port. Rejects with the system's error, `EADDRINUSE` say. */
  async start(): Promise<this> {
    this.#server ??= this.#listen();
    await this.#server;
    return this;
  }

  /** Closes every connection, drops the answers that are held back and the faults to come. Tokens stay. */
  async stop(): Promise<void> {
    const starting = this.#server;
    this.#server = undefined;
    this.#faults.clear();
    const server = await starting?.catch(() => undefined);
    this.#timers.forEach((timer) => clearTimeout(timer));
    this.#timers.clear();
    if (server) {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    }
  }

  /** `http://127.0.0.1:PORT/`; stays the same after a stop. Throws before the first start. */
  get url(): string {
    if (this.#url === undefined) {
      throw new Error('The simulator has no url yet: await simulator.start() first.');
    }
    return this.#url;
  }

  /** The clients as they are now; the first is the default one. */
  get clients(): readonly [QuiqupSimulatorClient, ...QuiqupSimulatorClient[]] {
    return this.#clients;
  }

  get counters(): QuiqupSimulatorCounters {
    return this.#counters;
  }

  /** Every request, oldest first: the last 10,000. */
  get calls(): readonly SimulatedCall[] {
    return this.#calls;
  }

  /** Sets {@link counters} to 0 and empties {@link calls}; orders and tokens stay. */
  resetCounters(): void {
    Object.assign(this.#counters, NO_COUNTS);
    this.#calls.length = 0;
  }

  addClient(client: QuiqupSimulatorClient): void {
    if (this.#clients.some(({ clientId }) => clientId === client.clientId)) {
      throw new Error(`The simulator has a client '${client.clientId}' already. Use setSecret to change its secret.`);
    }
    this.#clients.push({ ...client });
  }

  /** Rotates a client's secret: the old one is refused at once, tokens stay good. */
  setSecret(clientId: string, clientSecret: string): void {
    const index = this.#clients.findIndex((client) => client.clientId === clientId);
    if (index < 0) {
      throw new Error(`The simulator has no client '${clientId}'. Use addClient to add it.`);
    }
    this.#clients[index] = { clientId, clientSecret };
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
   * Faults queue up: a request meets one at most.
   */
  failNext(failure: SimulatedFailure): void {
    this.#faults.add(answerFault(failure), failure);
  }

  /**
   * Has the next real answer, or the next `times`, sent with another status, other headers or another body. Queues like
   * `failNext`.
   *
   * @example
   * ```ts
   * simulator.alterNext({ body: (fields) => ({ ...fields, expires_in: '3600' }) });
   * ```
   */
  alterNext(alteration: SimulatedAlteration): void {
    this.#faults.add(alterationFault(alteration), alteration);
  }

  /** Holds the next answer, or the next `times`, back by `ms`; with `Infinity` it never comes. Queues like `failNext`. */
  stall(ms: number, scope: SimulatedFaultScope = {}): void {
    this.#faults.add(stallFault(ms), scope);
  }

  /**
   * Sends the next answer, or the next `times`, byte by byte, `ms` apart; with `Infinity` there is only the first one.
   * Queues like `failNext`.
   */
  drip(ms: number, scope: SimulatedFaultScope = {}): void {
    this.#faults.add(dripFault(ms), scope);
  }

  /** Ends the connection in place of the next answer, or the next `times`, or within it. Queues like `failNext`. */
  drop(drop: SimulatedDrop = {}): void {
    this.#faults.add(dropFault(drop), drop);
  }

  #listen(): Promise<Server> {
    const server = createServer((request, response) => {
      // All that can fail is the reading of the request: its connection is gone.
      this.#handle(request, response).catch(() => response.destroy());
    });
    return new Promise((resolve, reject) => {
      server.once('error', (error) => {
        this.#server = undefined;
        reject(error);
      });
      server.listen({ port: this.#port, host: '127.0.0.1', backlog: BACKLOG }, () => {
        this.#port = (server.address() as AddressInfo).port;
        this.#url = `http://127.0.0.1:${this.#port}/`;
        resolve(server);
      });
    });
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const path = url.split('?', 1)[0] ?? url;
    const kind = method === 'POST' && path.endsWith('/oauth/token') ? 'token' : 'resource';
    const { authorization, ...headers } = request.headers;
    const call: Mutable<SimulatedCall> = {
      at: performance.now(),
      kind,
      method,
      path: kind === 'token' ? path : url,
      status: 0,
      headers,
    };
    this.#record(call);

    // Read to the end whatever the answer will be, or the connection could not be used again.
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) {
      chunks.push(chunk);
    }
    const body = Buffer.concat(chunks);

    let work: () => SimulatedAnswer;
    if (kind === 'token') {
      const tokenRequest = readTokenRequest(headers['content-type'], body);
      if (tokenRequest.clientId !== undefined) {
        call.clientId = tokenRequest.clientId;
      }
      work = () => this.#grant(tokenRequest, call);
    } else {
      call.body = body;
      const token = /^Bearer +(.+)$/i.exec(authorization ?? '')?.[1] ?? '';
      if (token) {
        call.token = fingerprintOf(token);
      }
      work = () => this.#serve(path, token, body, call);
    }
    const inTime = (then: () => void): void => this.#after(kind === 'token' ? this.latency : 0, then);
    carryOut(this.#faults.take(kind), {
      work,
      send: (answer, transfer) => inTime(() => this.#send(answer, transfer, call, response)),
      hangUp: () => inTime(() => hangUp(response)),
      after: (ms, then) => this.#after(ms, then),
    });
  }

  #record(call: SimulatedCall): void {
    this.#counters[call.kind === 'token' ? 'tokenRequests' : 'calls'] += 1;
    this.#calls.push(call);
    if (this.#calls.length > LONGEST_LOG) {
      this.#calls.shift();
    }
  }

  #grant(request: TokenRequest, call: Mutable<SimulatedCall>): SimulatedAnswer {
    const { answer, issued } = answerTokenRequest(request, {
      clients: this.#clients,
      tokens: this.#tokens,
      issue: {
        policy: this.policy,
        lifetime: this.lifetime,
        withRefreshToken: this.#refreshTokens,
        now: this.#wallClock(),
      },
    });
    if (issued) {
      call.token = fingerprintOf(issued.accessToken);
      this.#counters.tokensIssued += issued.isNew ? 1 : 0;
    }
    return answer;
  }

  #serve(path: string, token: string, body: Buffer, call: Mutable<SimulatedCall>): SimulatedAnswer {
    const state = this.#tokens.stateOf(token);
    const clientId = this.#tokens.ownerOf(token);
    if (state !== 'live' || clientId === undefined) {
      const description = REFUSALS[state === 'live' ? 'expired' : state];
      const challenge = `Bearer realm="Quiqup", error="invalid_token", error_description="${description}"`;
      return { status: 401, headers: { 'WWW-Authenticate': challenge }, body: '' };
    }
    call.clientId = clientId;
    if (path.endsWith('/orders') && call.method === 'GET') {
      return jsonAnswer(200, this.#orders.of(clientId));
    }
    if (path.endsWith('/orders') && call.method === 'POST') {
      this.#counters.orders += 1;
      return jsonAnswer(201, this.#orders.create(clientId, body, call.headers['content-type']));
    }
    return jsonAnswer(404, { error: 'not_found' });
  }

  #send(
    answer: SimulatedAnswer,
    transfer: SimulatedTransfer,
    call: Mutable<SimulatedCall>,
    response: ServerResponse,
  ): void {
    if (response.destroyed) {
      return;
    }
    call.status = answer.status;
    this.#counters.unauthorized += call.kind === 'resource' && answer.status === 401 ? 1 : 0;
    const headers = { Date: new Date(this.#wallClock()).toUTCString(), ...answer.headers };
    transfer(response, { ...answer, headers });
  }

  /** Epoch ms. */
  #wallClock(): number {
    return Date.now() + this.clockOffset * 1_000;
  }

  #after(ms: number, then: () => void): void {
    if (ms <= 0) {
      then();
    } else if (ms <= LONGEST_TIMER_MS) {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        then();
      }, ms);
      this.#timers.add(timer);
    }
  }
}

function fingerprintOf(accessToken: string): string {
  return createHash('sha256').update(accessToken).digest('hex').slice(0, 8);
}
