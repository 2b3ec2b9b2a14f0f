import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { deleteAuthorization } from './authorization-header.js';
import { redactToken, redactTokenOfError } from './redact-token.js';
import { redirectGuard } from './redirect-guard.js';
import { statusOf, type Settled } from './settled.js';
import type { TrustedOrigins } from './trusted-origins.js';
import { fetchedBy } from './watched-fetch.js';

const UNAUTHORIZED = 401;
/** From here on a status says nothing about the token. */
const FIRST_ERROR = 400;

/** A call on its way to Quiqup. */
export interface OutgoingCall {
  readonly config: InternalAxiosRequestConfig;
  /** What axios would have sent it with. */
  readonly adapter: AxiosAdapter;
  /** Whether its body can be read only once. */
  readonly isOneShot: boolean;
}

/** What follows from a response. */
export interface SendingOutcomes {
  /** Quiqup accepted the call, and with it the token. */
  readonly onAccepted: (config: InternalAxiosRequestConfig) => void;
  /** A 401 to the token. */
  readonly onRefused: (refusal: Settled) => Promise<AxiosResponse>;
}

/**
 * Sends a call with the token on it. The header exists for the time of the adapter's work alone; what comes back leads
 * to no token.
 */
export class AuthorizedSending {
  /** A `#` field: nothing that prints this shows a token. */
  #token = '';
  #header = '';

  constructor(private readonly trusted: TrustedOrigins) {}

  /**
   * Not `async`: the promises between would cost a call more than all else that is done for it.
   */
  send(
    { config, adapter }: OutgoingCall,
    token: string,
    { onAccepted, onRefused }: SendingOutcomes,
  ): Promise<AxiosResponse> {
    const { beforeRedirect } = config;
    let isTokenDelivered = true;
    config.beforeRedirect = redirectGuard(
      beforeRedirect,
      (url) => this.trusted.trustsUrl(url),
      (keepsToken) => (isTokenDelivered = keepsToken),
    );
    this.putHeader(config, token);
    const restore = (): void => restoreConfig(config, beforeRedirect);
    return start(adapter, config).then(
      (response) => {
        restore();
        isTokenDelivered &&= fetchedBy(response.request)?.isFromElsewhere !== true;
        redactToken(response, { config, token });
        if (isTokenDelivered && response.status === UNAUTHORIZED) {
          return onRefused({ response });
        }
        if (isTokenDelivered && response.status < FIRST_ERROR) {
          onAccepted(config);
        }
        return response;
      },
      (error: unknown) => {
        restore();
        isTokenDelivered &&= fetchedBy((error as { request?: unknown } | null)?.request)?.isFromElsewhere !== true;
        redactTokenOfError(error, { config, token });
        if (isTokenDelivered && statusOf({ error }) === UNAUTHORIZED) {
          return onRefused({ error });
        }
        throw error;
      },
    );
  }

  private putHeader({ headers }: InternalAxiosRequestConfig, token: string): void {
    if (token !== this.#token) {
      // Made once a token: a text put together for each call is put in one piece for each call, by whoever reads it.
      this.#token = token;
      this.#header = `Bearer ${token}`;
    }
    // A key of another case, or without a value, would otherwise become the one that is sent, and stay behind.
    deleteAuthorization(headers);
    headers['Authorization'] = this.#header;
  }
}

function restoreConfig(
  config: InternalAxiosRequestConfig,
  beforeRedirect: InternalAxiosRequestConfig['beforeRedirect'],
): void {
  // Gone, not masked: a retry would take a mask for the caller's own authorization.
  deleteAuthorization(config.headers);
  if (beforeRedirect === undefined) {
    delete config.beforeRedirect;
  } else {
    config.beforeRedirect = beforeRedirect;
  }
}

/** An adapter that throws at once, or answers without a promise, is one like any other. */
function start(adapter: AxiosAdapter, config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
  try {
    return Promise.resolve(adapter(config));
  } catch (error) {
    return Promise.reject(error);
  }
}
