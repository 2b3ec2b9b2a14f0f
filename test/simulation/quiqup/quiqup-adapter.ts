import {
  AxiosError,
  AxiosHeaders,
  type AxiosAdapter,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import type { LatencyRange } from '../redis/network.js';
import type { Machine } from '../world/machine.js';
import type { World } from '../world/world.js';
import type { Answer } from './endpoint-faults.js';
import type { QuiqupServer } from './quiqup-server.js';

/** A call as it left an instance. */
export interface SentCall {
  readonly at: number;
  readonly token: string;
  readonly path: string;
  /** The workload's own number of the call. */
  readonly callId: string;
}

export interface AdapterSite {
  readonly world: World;
  readonly machine: Machine;
  readonly server: QuiqupServer;
  readonly latency: LatencyRange;
  readonly onSent: (sent: SentCall) => void;
  readonly onAnswered: (sent: SentCall, status: number) => void;
}

export const CALL_ID_HEADER = 'x-call-id';

/** How axios sends in the simulated world, calls and token requests alike. */
export function createQuiqupAdapter(site: AdapterSite): AxiosAdapter {
  const random = site.world.random.fork(`http/${site.machine.name}`);
  return (config) =>
    new Promise<AxiosResponse>((resolve, reject) => {
      const { timeline } = site.world;
      const { low, high } = site.latency;
      const path = new URL(config.url ?? '/', config.baseURL).pathname;
      const isTokenRequest = path === '/oauth/token';
      const sent = isTokenRequest ? undefined : describe(config, path, timeline.now);
      if (sent !== undefined) {
        site.onSent(sent);
      }
      const extraMs = isTokenRequest && site.server.isSlow ? random.between(500, 7_000) : 0;
      const [thereMs, backMs] = [random.between(low, high) + extraMs / 2, random.between(low, high) + extraMs / 2];
      const unwatch = watchSignal(config, reject);
      const settle = (answer: Answer): void => {
        unwatch();
        if (sent !== undefined && answer.kind === 'response') {
          site.onAnswered(sent, answer.status);
        }
        deliver(answer, config, resolve, reject);
      };
      timeline.after(thereMs, () => {
        const answer =
          sent === undefined
            ? site.server.answerTokenRequest(site.machine.name, String(config.data))
            : site.server.answerCall(path, sent.token);
        if (answer.kind !== 'silence') {
          timeline.after(backMs, () => settle(answer), site.machine);
        }
      });
    });
}

function describe(config: InternalAxiosRequestConfig, path: string, at: number): SentCall {
  const headers = AxiosHeaders.from(config.headers);
  const token = String(headers.get('Authorization') ?? '').replace('Bearer ', '');
  return { at, path, token, callId: String(headers.get(CALL_ID_HEADER) ?? '') };
}

function watchSignal({ signal }: InternalAxiosRequestConfig, reject: (error: unknown) => void): () => void {
  const unwatch = (): void => signal?.removeEventListener?.('abort', onAbort);
  const onAbort = (): void => {
    unwatch();
    reject(new AxiosError('canceled', AxiosError.ERR_CANCELED));
  };
  signal?.addEventListener?.('abort', onAbort);
  if (signal?.aborted === true) {
    onAbort();
  }
  return unwatch;
}

function deliver(
  answer: Answer,
  config: InternalAxiosRequestConfig,
  resolve: (response: AxiosResponse) => void,
  reject: (error: unknown) => void,
): void {
  if (answer.kind === 'silence') {
    return;
  }
  if (answer.kind === 'broken') {
    reject(new AxiosError(`simulated ${answer.code}`, answer.code, config));
    return;
  }
  const { status, body, headers = {} } = answer;
  const response: AxiosResponse = {
    status,
    data: body,
    statusText: '',
    headers: AxiosHeaders.from({ ...headers }),
    config,
    request: {},
  };
  if (config.validateStatus?.(status) ?? true) {
    resolve(response);
  } else {
    reject(new AxiosError(`status ${status}`, AxiosError.ERR_BAD_REQUEST, config, {}, response));
  }
}
