import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { deleteAuthorization } from './authorization-header.js';
import { redactToken, redactTokenOfError } from './redact-token.js';
import { redirectGuard } from './redirect-guard.js';
import { statusOf, type Settled } from './settled.js';
import type { TrustedOrigins } from './trusted-origins.js';
import { fetchedBy } from './watched-fetch.js';

const UNAUTHORIZED = 401;
/** From this status on, a response says nothing about the token. */
const FIRST_ERROR = 400;

/** A call to Quiqup. */
export interface OutgoingCall {
  readonly config: InternalAxiosRequestConfig;
  /** The adapter that axios would use for it. */
  readonly adapter: AxiosAdapter;
  /** Whether its body can be read only once. */
  readonly isOneShot: boolean;
}

/** The meaning of a response for the token. */
export interface SendingOutcomes {
  /** Quiqup accepted the call, and with it the token. */
  readonly onAccepted: (config: InternalAxiosRequestConfig) => void;
  /** Quiqup refused the token with 401. */
  readonly onRefused: (refusal: Settled) => Promise<AxiosResponse>;
}

/**
 * Sends a call with the token. The header exists only while the adapter works. The response and the error lead
 * to no token.
 */
export class AuthorizedSending {
  /** A `#` field: nothing that prints this shows a token. */
  #token = '';
  #header = '';

  constructor(private readonly trusted: TrustedOrigins) {}

  /**
   * Not `async`: the promises in between would cost more than everything else that a call needs.
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
      // Made once per token: a concatenated string is flattened again for each call that reads it.
      this.#token = token;
      this.#header = `Bearer ${token}`;
    }
    // Otherwise a key of another case, or without a value, would be sent, and would stay.
    deleteAuthorization(headers);
    headers['Authorization'] = this.#header;
  }
}

function restoreConfig(
  config: InternalAxiosRequestConfig,
  beforeRedirect: InternalAxiosRequestConfig['beforeRedirect'],
): void {
  // Removed, not masked: a retry would take a mask for the caller's own authorization.
  deleteAuthorization(config.headers);
  if (beforeRedirect === undefined) {
    delete config.beforeRedirect;
  } else {
    config.beforeRedirect = beforeRedirect;
  }
}

/** Supports adapters that throw synchronously or return no promise. */
function start(adapter: AxiosAdapter, config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
  try {
    return Promise.resolve(adapter(config));
  } catch (error) {
    return Promise.reject(error);
  }
}
