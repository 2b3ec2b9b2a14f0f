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

/** How long a body that can be sent only once waits for a renewal under way, to be sent with the better token. */
const LONGEST_WAIT_OF_ONE_SHOT_MS = 1_000;

export interface AdapterParts {
  readonly tokens: QuiqupTokenService;
  readonly renewal: TokenRenewal;
  readonly recovery: TokenRecovery;
  readonly trusted: TrustedOrigins;
  readonly clock: Clock;
}

/**
 * Decides which token a call is sent with, and sends it once more after a 401. It works below the interceptors and
 * retry libraries, which run once and never see it.
 */
export class AuthorizingAdapter {
  /** A `#` field: nothing that prints this shows a token. */
  readonly #parts: AdapterParts;
  private readonly sending: AuthorizedSending;
  /** Of the last call that was accepted. */
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
   * Puts itself before the call's adapter, for this one sending.
   *
   * @param instance what sends it
   */
  wrap(config: InternalAxiosRequestConfig, instance: AxiosInstance): InternalAxiosRequestConfig {
    const original = config.adapter;
    config.adapter = (sent) => {
      // Whoever keeps the config, such as a retry library, finds it as it was and is wrapped anew.
      restoreAdapter(sent, original);
      return this.send(sent, adapterOf(overheard(sent), instance));
    };
    return config;
  }

  /**
   * Sends the call with a token, where it may carry one.
   *
   * @param adapter what sends it
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
    // At once: nobody hears of the body's failure until the adapter listens. It may have been led elsewhere meanwhile.
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

  /** Most calls of an application are like the one before, which says nothing new. */
  private noteAccepted(config: InternalAxiosRequestConfig, token: string): void {
    const { url, method } = config;
    if (url !== this.lastUrl || method !== this.lastMethod || token !== this.#lastToken) {
      this.lastUrl = url;
      this.lastMethod = method;
      this.#lastToken = token;
      this.#parts.recovery.accepted(token, kindOfCall(config));
    }
  }

  /** A call that was refused with 401 was not carried out, so that it may be sent again, a POST too. */
  private async recover(refusal: Settled, call: OutgoingCall, token: string): Promise<AxiosResponse> {
    const { recovery } = this.#parts;
    // The next one that is accepted has something new to say.
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

  /** A refused call never becomes a token error: without another token the 401 stands. */
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
