import { AxiosError, CanceledError, type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios';
import type { Clock } from '../../lib/time/index.js';

/** How the token endpoint answers a request. */
export interface ScriptedAnswer {
  readonly status?: number;
  /** Default: the next token, for an hour. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** Default 0; with `Infinity` it never comes. */
  readonly afterMs?: number;
  /** The connection breaks instead. */
  readonly breaksWith?: unknown;
}

export interface ReceivedTokenRequest {
  readonly at: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly config: InternalAxiosRequestConfig;
}

/** The answer that issues a token. */
export const issues = (accessToken: string, expiresIn: unknown = 3_600): ScriptedAnswer => ({
  body: { access_token: accessToken, token_type: 'Bearer', expires_in: expiresIn },
});

export const fails = (status: number, body: unknown = '', headers: Record<string, string> = {}): ScriptedAnswer => ({
  status,
  body,
  headers,
});

/** A token endpoint on a clock that can be turned: it takes the place of the network, as an adapter of axios. */
export class ScriptedEndpoint {
  readonly requests: ReceivedTokenRequest[] = [];
  /** How the next requests are answered, one each. */
  readonly next: ScriptedAnswer[] = [];
  /** How all others are. */
  always: ScriptedAnswer = {};
  private issued = 0;

  constructor(private readonly clock: Clock) {}

  readonly adapter: AxiosAdapter = async (config) => {
    const body = JSON.parse(String(config.data)) as Record<string, unknown>;
    this.requests.push({ at: this.clock.now(), body, config });
    const answer = this.next.shift() ?? this.always;
    await this.pause(answer.afterMs ?? 0, config);
    if (answer.breaksWith !== undefined) {
      throw answer.breaksWith;
    }
    const said = answer.body ?? this.issue().body;
    return {
      status: answer.status ?? 200,
      statusText: '',
      headers: answer.headers ?? {},
      data: typeof said === 'string' ? said : JSON.stringify(said),
      config,
    };
  };

  private issue(): ScriptedAnswer {
    this.issued += 1;
    return issues(`token-${this.issued}`);
  }

  private async pause(ms: number, { signal }: InternalAxiosRequestConfig): Promise<void> {
    if (ms === 0) {
      return;
    }
    await new Promise<void>((resolve, reject) => {
      if (Number.isFinite(ms)) {
        this.clock.setTimeout(resolve, ms);
      }
      signal?.addEventListener?.('abort', () => reject(new CanceledError()));
    });
  }
}

export function brokenConnection(code: string | undefined): AxiosError {
  return new AxiosError('the connection broke', code);
}
