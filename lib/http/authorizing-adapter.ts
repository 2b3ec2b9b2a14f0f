import axios, {
  type AxiosAdapter,
  type AxiosError,
  type AxiosRequestConfig,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import {
  settleWithin,
  type QuiqupTokenService,
  type Replacement,
  type TokenRecovery,
  type TokenRenewal,
} from '../token/index.js';
import { deleteAuthorization, hasAuthorization } from './authorization-header.js';
import { discardBody, isOneShotBody } from './bodies.js';
import { hideToken, hideTokenOfError } from './hide-token.js';
import { redirectGuard } from './redirect-guard.js';
import type { TrustedOrigins } from './trusted-origins.js';

/** What axios allows as `adapter`: a function, a name or a list of them. */
type AdapterOption = NonNullable<AxiosRequestConfig['adapter']>;

/** How long a body that can be sent only once waits for a renewal under way, to be sent with the better token. */
const LONGEST_WAIT_OF_ONE_SHOT_MS = 1_000;

const UNAUTHORIZED = 401;

/** A 401 to the token, as the adapter answered or rejected. */
type Refusal =
  | { readonly response: AxiosResponse; readonly error?: undefined }
  | { readonly response?: undefined; readonly error: unknown };

/**
 * Sends calls with the token. It works below the interceptors and retry libraries, which run once and never see it:
 * the header exists for the time of the adapter's work alone, and a 401 is answered by sending the same request once
 * more from here.
 */
export class AuthorizingAdapter {
  /** Private in earnest: nothing that prints this finds a token here. */
  #token = '';
  #header = '';

  constructor(
    private readonly tokens: QuiqupTokenService,
    private readonly renewal: TokenRenewal,
    private readonly recovery: TokenRecovery,
    private readonly trusted: TrustedOrigins,
  ) {}

  /** Whether the application has shut down. */
  get isClosed(): boolean {
    return this.renewal.isClosed;
  }

  /** Puts itself before the call's adapter, for this one sending. */
  wrap(config: InternalAxiosRequestConfig): InternalAxiosRequestConfig {
    const original = config.adapter ?? axios.defaults.adapter ?? [];
    config.adapter = (sent) => {
      // Whoever keeps the config, such as a retry library, finds it as it was and is wrapped anew.
      sent.adapter = original;
      return this.send(sent, resolveAdapter(original, sent));
    };
    return config;
  }

  private send(config: InternalAxiosRequestConfig, adapter: AxiosAdapter): Promise<AxiosResponse> {
    if (config.auth || hasAuthorization(config.headers) || !this.trusted.trusts(config)) {
      return adapter(config);
    }
    const isOneShot = isOneShotBody(config.data);
    const token = isOneShot && this.renewal.isRunning ? undefined : this.tokens.peek();
    return token === undefined
      ? this.waitAndExchange(config, adapter, isOneShot)
      : this.exchange(config, adapter, isOneShot, token);
  }

  private async waitAndExchange(
    config: InternalAxiosRequestConfig,
    adapter: AxiosAdapter,
    isOneShot: boolean,
  ): Promise<AxiosResponse> {
    const signal = signalOf(config);
    if (isOneShot && this.renewal.isRunning) {
      await settleWithin<unknown>(
        this.renewal.renew('call').catch(() => undefined),
        { limitMs: LONGEST_WAIT_OF_ONE_SHOT_MS, signal, atLimit: () => undefined },
      );
    }
    return this.exchange(config, adapter, isOneShot, await this.tokens.getAccessToken({ signal }));
  }

  private exchange(
    config: InternalAxiosRequestConfig,
    adapter: AxiosAdapter,
    isOneShot: boolean,
    token: string,
  ): Promise<AxiosResponse> {
    return this.sendOnce(config, adapter, token, (refusal) => this.recover(refusal, config, adapter, isOneShot, token));
  }

  /** A call that was refused with 401 was not carried out, so that it may be sent again, a POST too. */
  private async recover(
    refusal: Refusal,
    config: InternalAxiosRequestConfig,
    adapter: AxiosAdapter,
    isOneShot: boolean,
    token: string,
  ): Promise<AxiosResponse> {
    const { recovery } = this;
    const replacement = await this.replacementFor(token, config);
    if (replacement === undefined || isOneShot) {
      recovery.lost(isOneShot ? 'one-shot-body' : 'no-other-token');
      return asItCame(refusal);
    }
    discardBody(responseOf(refusal)?.data);
    let isRefusedAgain = false;
    const replay = await this.sendOnce(config, adapter, replacement.accessToken, (again) => {
      isRefusedAgain = true;
      return asItCame(again);
    }).then(
      (response) => ({ response }),
      (error: unknown) => ({ error }),
    );
    if (isRefusedAgain) {
      recovery.lost('refused-again');
    } else if (responseOf(replay) === undefined) {
      recovery.lost('replay-failed');
    } else {
      replacement.accepted();
    }
    return asItCame(replay);
  }

  /** Not `async`: the promises between would cost a call more than all else that is done for it. */
  private sendOnce(
    config: InternalAxiosRequestConfig,
    adapter: AxiosAdapter,
    token: string,
    onRefused: (refusal: Refusal) => Promise<AxiosResponse>,
  ): Promise<AxiosResponse> {
    const { beforeRedirect } = config;
    let isTokenDelivered = true;
    config.beforeRedirect = redirectGuard(
      beforeRedirect,
      (url) => this.trusted.trustsUrl(url),
      (keepsToken) => (isTokenDelivered = keepsToken),
    );
    // A key of another case, or without a value, would otherwise become the one that is sent, and stay behind.
    deleteAuthorization(config.headers);
    config.headers['Authorization'] = this.headerOf(token);
    const leaveAsItWas = (): void => {
      // Gone, not masked: a retry would take a mask for the caller's own authorization.
      deleteAuthorization(config.headers);
      if (beforeRedirect === undefined) {
        delete config.beforeRedirect;
      } else {
        config.beforeRedirect = beforeRedirect;
      }
    };
    return start(adapter, config).then(
      (response) => {
        leaveAsItWas();
        hideToken(response, config);
        return response.status === UNAUTHORIZED && isTokenDelivered ? onRefused({ response }) : response;
      },
      (error: unknown) => {
        leaveAsItWas();
        hideTokenOfError(error, config);
        if (responseOf({ error })?.status === UNAUTHORIZED && isTokenDelivered) {
          return onRefused({ error });
        }
        throw error;
      },
    );
  }

  /** Made once a token: a text put together for each call is put in one piece for each call, by whoever reads it. */
  private headerOf(token: string): string {
    if (token !== this.#token) {
      this.#token = token;
      this.#header = `Bearer ${token}`;
    }
    return this.#header;
  }

  /** A refused call never becomes a token error: without another token the 401 stands. */
  private async replacementFor(token: string, config: InternalAxiosRequestConfig): Promise<Replacement | undefined> {
    try {
      return await this.recovery.replace(token, signalOf(config));
    } catch {
      return undefined;
    }
  }
}

function responseOf({ response, error }: Refusal): AxiosResponse | undefined {
  return response ?? (error as AxiosError | undefined)?.response;
}

function resolveAdapter(adapter: AdapterOption, config: InternalAxiosRequestConfig): AxiosAdapter {
  return typeof adapter === 'function' ? adapter : axios.getAdapter(adapter, config);
}

/** An adapter that throws at once, or answers without a promise, is one like any other. */
function start(adapter: AxiosAdapter, config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
  try {
    return Promise.resolve(adapter(config));
  } catch (error) {
    return Promise.reject(error);
  }
}

async function asItCame({ response, error }: Refusal): Promise<AxiosResponse> {
  if (response === undefined) {
    throw error;
  }
  return response;
}

/** Both ways to cancel a call in one; when it fires, axios itself turns what we reject with into its `CanceledError`. */
function signalOf({ signal, cancelToken }: InternalAxiosRequestConfig): AbortSignal | undefined {
  const signals = [signal as AbortSignal | undefined, cancelTokenSignal(cancelToken)].filter(
    (one) => one !== undefined,
  );
  return signals.length > 1 ? AbortSignal.any(signals) : signals[0];
}

function cancelTokenSignal(cancelToken: InternalAxiosRequestConfig['cancelToken']): AbortSignal | undefined {
  if (cancelToken === undefined) {
    return undefined;
  }
  const controller = new AbortController();
  void cancelToken.promise.then((reason) => controller.abort(reason));
  return controller.signal;
}
