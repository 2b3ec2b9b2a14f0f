import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SimulatedAnswer, SimulatedApi } from './simulated-answer.js';
import type { OpenCall, SimulatedCall, SimulatedRecords } from './simulated-calls.js';
import type { SimulatedClients } from './simulated-clients.js';
import { errorAnswer, type QuiqupSimulatorTokenErrors } from './simulated-errors.js';
import { carryOut, type SimulatedFaults } from './simulated-faults.js';
import { findWork, type SimulatedRoute } from './simulated-routes.js';
import { answerTokenRequest, readTokenRequest, type TokenRequest } from './simulated-token-endpoint.js';
import type { QuiqupSimulatorTokenFormat } from './simulated-token-formats.js';
import type { SimulatedTimers } from './simulated-timers.js';
import type { QuiqupSimulatorPolicy, SimulatedTokens, TokenState } from './simulated-tokens.js';
import { hangUp, type SimulatedTransfer } from './simulated-transfer.js';

/** The properties that may change at any time. */
interface SimulatedSettings {
  readonly policy: QuiqupSimulatorPolicy;
  readonly lifetime: number;
  readonly latency: number;
  readonly clockOffset: number;
  readonly tokenFormat: QuiqupSimulatorTokenFormat;
  readonly tokenErrors: QuiqupSimulatorTokenErrors;
}

/** The parts that handle a request. */
export interface SimulatedWorld {
  readonly settings: SimulatedSettings;
  readonly withRefreshToken: boolean;
  readonly clients: SimulatedClients;
  readonly tokens: SimulatedTokens;
  readonly routes: Readonly<Record<SimulatedApi, readonly SimulatedRoute[]>>;
  readonly faults: SimulatedFaults;
  readonly records: SimulatedRecords;
  readonly timers: SimulatedTimers;
  readonly onCall: ((call: SimulatedCall) => void) | undefined;
}

const REFUSALS: Readonly<Record<Exclude<TokenState, 'live'>, string>> = {
  expired: 'The access token expired',
  revoked: 'The access token was revoked',
  unknown: 'The access token is invalid',
};

function fingerprintOf(accessToken: string): string {
  return createHash('sha256').update(accessToken).digest('hex').slice(0, 8);
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** One request and its response. */
export class SimulatedExchange {
  readonly #world: SimulatedWorld;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #path: string;
  readonly #query: string;
  readonly #token: string;
  readonly #call: OpenCall;

  constructor(world: SimulatedWorld, api: SimulatedApi, request: IncomingMessage, response: ServerResponse) {
    const { method = '', url = '' } = request;
    const { authorization, ...headers } = request.headers;
    const [path = ''] = url.split('?', 1);
    const kind = method === 'POST' && path === '/oauth/token' ? 'token' : 'resource';
    this.#world = world;
    this.#request = request;
    this.#response = response;
    this.#path = path;
    this.#query = url.slice(path.length);
    this.#token = /^Bearer +(.+)$/i.exec(authorization ?? '')?.[1] ?? '';
    this.#call = {
      at: performance.now(),
      api,
      kind,
      method,
      path: kind === 'token' ? path : url,
      status: 0,
      headers,
    };
  }

  /** Rejects if the request cannot be read: its connection is gone. */
  async run(): Promise<void> {
    const { records, faults, timers, settings, onCall } = this.#world;
    const call = this.#call;
    records.add(call);
    this.#response.once('close', () => onCall?.(call));
    // Always read to the end, otherwise the connection could not be reused.
    const body = await readAll(this.#request);
    const isToken = call.kind === 'token';
    const work = isToken ? this.#prepareGrant(body) : this.#prepareCall(body);
    const inTime = (then: () => void): void => timers.after(isToken ? settings.latency : 0, then);
    carryOut(faults.take(call.kind, pathOf(call)), {
      errorShape: isToken ? settings.tokenErrors : call.api,
      work,
      send: (answer, transfer) => inTime(() => this.#send(answer, transfer)),
      hangUp: () => inTime(() => hangUp(this.#response)),
      after: (ms, then) => timers.after(ms, then),
    });
  }

  #prepareGrant(body: Buffer): () => SimulatedAnswer {
    const request = readTokenRequest(this.#query, this.#call.headers['content-type'], body);
    if (request.clientId !== undefined) {
      this.#call.clientId = request.clientId;
    }
    return () => this.#grant(request);
  }

  #prepareCall(body: Buffer): () => SimulatedAnswer {
    this.#call.body = body;
    if (this.#token) {
      this.#call.token = fingerprintOf(this.#token);
    }
    return () => this.#serve(body);
  }

  #grant(request: TokenRequest): SimulatedAnswer {
    const { settings, clients, tokens, withRefreshToken, records } = this.#world;
    const { policy, lifetime, tokenFormat: format, tokenErrors: errors } = settings;
    const { answer, issued } = answerTokenRequest(request, {
      clients: clients.all,
      tokens,
      issue: { policy, format, lifetime, withRefreshToken, now: this.#wallClock() },
      errors,
    });
    if (issued) {
      this.#call.token = fingerprintOf(issued.accessToken);
      records.counters.tokensIssued += issued.isNew ? 1 : 0;
    }
    return answer;
  }

  #serve(body: Buffer): SimulatedAnswer {
    const { tokens, routes } = this.#world;
    const { api, method } = this.#call;
    const work = findWork(routes[api], method, this.#path);
    if (work === undefined) {
      return errorAnswer(api, { status: 404, message: 'endpoint not found' });
    }
    const state = tokens.stateOf(this.#token);
    const clientId = tokens.ownerOf(this.#token);
    if (state !== 'live' || clientId === undefined) {
      return errorAnswer(api, { status: 401, message: REFUSALS[state === 'live' ? 'expired' : state] });
    }
    this.#call.clientId = clientId;
    return work(clientId, body);
  }

  #send(answer: SimulatedAnswer, transfer: SimulatedTransfer): void {
    if (this.#response.destroyed) {
      return;
    }
    const call = this.#call;
    call.status = answer.status;
    this.#world.records.counters.unauthorized += call.kind === 'resource' && answer.status === 401 ? 1 : 0;
    const headers = { Date: new Date(this.#wallClock()).toUTCString(), ...answer.headers };
    transfer(this.#response, { ...answer, headers });
  }

  /** Epoch ms. */
  #wallClock(): number {
    return Date.now() + this.#world.settings.clockOffset * 1_000;
  }
}

function pathOf({ path }: SimulatedCall): string {
  return path.split('?', 1)[0] ?? path;
}
