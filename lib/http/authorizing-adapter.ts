import type { AxiosAdapter, AxiosInstance, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { settleWithin, type Clock } from '../time/index.js';
import type { QuiqupTokenService, Replacement, TokenRecovery, TokenRenewal } from '../token/index.js';
import { hasAuthorization } from './authorization-header.js';
import { adapterOf, restoreAdapter } from './adapter-of.js';
import { fixAddress } from './destination.js';
import { hideConnections } from './hidden-connections.js';
import { AuthorizedSending, type OutgoingCall } from './authorized-sending.js';
import { discardBody, isOneShotBody } from './bodies.js';
import { errorOfCall } from './call-error.js';
import { kindOfCall } from './call-kind.js';
import { isAbandoned, waitFor } from './call-watch.js';
import { releaseConnection } from './refused-body.js';
import { responseOf, unwrap, type Settled } from './settled.js';
import type { TrustedOrigins } from './trusted-origins.js';
import { overheard } from './watched-fetch.js';

/** How long a body that can be sent only once waits for a renewal under way, to get the next token. */
const LONGEST_WAIT_OF_ONE_SHOT_MS = 1_000;

export interface AdapterParts {
  readonly tokens: QuiqupTokenService;
  readonly renewal: TokenRenewal;
  readonly recovery: TokenRecovery;
  readonly trusted: TrustedOrigins;
  readonly clock: Clock;
}

/**
 * Selects the token for a call, and sends the call again after a 401. It works below the interceptors and
 * retry libraries, which run once and never see it.
 */
export class AuthorizingAdapter {
  /** A `#` field: nothing that prints this shows a token. */
  readonly #parts: AdapterParts;
  private readonly sending: AuthorizedSending;
  /** The kind of the last accepted call. */
  #lastToken: string | undefined;
  private lastUrl: string | undefined;
  private lastMethod: string | undefined;

  constructor(parts: AdapterParts) {
    this.#parts = parts;
    this.sending = new AuthorizedSending(parts.trusted);
  }

  /** Whether the application has shut down. */
  get isClosed(): boolean {
    return this.#parts.renewal.isClosed;
  }

  /**
   * Wraps the call's adapter, for this call only.
   *
   * @param instance the instance that sends the call
   */
  wrap(config: InternalAxiosRequestConfig, instance: AxiosInstance): InternalAxiosRequestConfig {
    const original = config.adapter;
    config.adapter = (sent) => {
      // A retry library that keeps the config finds it unchanged, and the retry is wrapped again.
      restoreAdapter(sent, original);
      return this.send(sent, adapterOf(overheard(sent), instance));
    };
    return config;
  }

  /**
   * Sends the call, with a token if it may carry one.
   *
   * @param adapter the adapter that sends the call
   */
  send(config: InternalAxiosRequestConfig, adapter: AxiosAdapter): Promise<AxiosResponse> {
    const { tokens, renewal } = this.#parts;
    fixAddress(config);
    if (!this.mayCarryToken(config)) {
      return adapter(config);
    }
    hideConnections(config);
    const call: OutgoingCall = { config, adapter, isOneShot: isOneShotBody(config.data) };
    const token = call.isOneShot && renewal.isRunning ? undefined : tokens.peek();
    return token === undefined ? this.waitAndExchange(call) : this.exchange(call, token);
  }

  private mayCarryToken(config: InternalAxiosRequestConfig): boolean {
    return !config.auth && !hasAuthorization(config.headers) && this.#parts.trusted.trusts(config);
  }

  private async waitAndExchange(call: OutgoingCall): Promise<AxiosResponse> {
    const body = call.isOneShot ? { body: call.config.data as unknown } : {};
    const token = await waitFor(call.config, (signal) => this.waitForToken(call, signal), body);
    // At once, because nobody handles the body's failure before the adapter does. Then the destination is checked again.
    return this.mayCarryToken(call.config) ? this.exchange(call, token) : call.adapter(call.config);
  }

  private async waitForToken(call: OutgoingCall, signal: AbortSignal): Promise<string> {
    const { tokens, renewal, clock } = this.#parts;
    if (call.isOneShot && renewal.isRunning) {
      await settleWithin<unknown>(
        renewal.renew('call').catch(() => undefined),
        { limitMs: LONGEST_WAIT_OF_ONE_SHOT_MS, signal, atLimit: () => undefined, clock },
      );
    }
    return tokens.getAccessToken({ signal }).catch((error: unknown) => {
      throw errorOfCall(error, call.config);
    });
  }

  private exchange(call: OutgoingCall, token: string): Promise<AxiosResponse> {
    return this.sending.send(call, token, {
      onAccepted: (config) => this.noteAccepted(config, token),
      onRefused: (refusal) => this.recover(refusal, call, token),
    });
  }

  /** Most calls of an application are of the same kind as the one before, and add nothing new. */
  private noteAccepted(config: InternalAxiosRequestConfig, token: string): void {
    const { url, method } = config;
    if (url !== this.lastUrl || method !== this.lastMethod || token !== this.#lastToken) {
      this.lastUrl = url;
      this.lastMethod = method;
      this.#lastToken = token;
      this.#parts.recovery.accepted(token, kindOfCall(config));
    }
  }

  /** A call that was refused with 401 was not carried out, so it may be sent again, including a POST. */
  private async recover(refusal: Settled, call: OutgoingCall, token: string): Promise<AxiosResponse> {
    const { recovery } = this.#parts;
    // The next accepted call must be recorded again.
    this.#lastToken = undefined;
    const replacement = await waitFor(call.config, (signal) => this.replacementFor(token, { refusal, call, signal }));
    if (replacement === undefined || call.isOneShot || !this.mayCarryToken(call.config)) {
      recovery.lost(call.isOneShot ? 'one-shot-body' : 'no-other-token');
      return unwrap(refusal);
    }
    discardBody(responseOf(refusal)?.data);
    let isRefusedAgain = false;
    const replay: Settled = await this.sending
      .send(call, replacement.accessToken, {
        onAccepted: (config) => this.noteAccepted(config, replacement.accessToken),
        onRefused: (again) => {
          isRefusedAgain = true;
          return unwrap(again);
        },
      })
      .then(
        (response) => ({ response }),
        (error: unknown) => ({ error }),
      );
    if (isRefusedAgain) {
      replacement.refused();
    }
    if (!isRefusedAgain && responseOf(replay) !== undefined) {
      replacement.accepted();
    } else if (!isAbandoned(call.config, replay.error)) {
      recovery.lost(isRefusedAgain ? 'refused-again' : 'replay-failed');
    }
    return unwrap(replay);
  }

  /** A refused call never becomes a token error: without another token the caller gets the 401. */
  private async replacementFor(
    token: string,
    { refusal, call, signal }: { refusal: Settled; call: OutgoingCall; signal: AbortSignal },
  ): Promise<Replacement | undefined> {
    try {
      await releaseConnection(responseOf(refusal), signal);
      return await this.#parts.recovery.replace(token, {
        signal,
        call: kindOfCall(call.config),
        isReplayed: !call.isOneShot,
      });
    } catch {
      return undefined;
    }
  }
}
