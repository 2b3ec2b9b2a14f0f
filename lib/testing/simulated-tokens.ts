import { randomBytes } from 'node:crypto';
import { accessTokenOf, type QuiqupSimulatorTokenFormat } from './simulated-token-formats.js';

/**
 * The response of the token endpoint while the client has a valid token:
 *
 * - `fresh`: a new token with the full lifetime. Earlier ones stay valid.
 * - `revoke`: a new token with the full lifetime. All earlier ones of that client are revoked.
 * - `reuse`: the same token with its remaining lifetime, until it expires or is revoked.
 */
export type QuiqupSimulatorPolicy = 'fresh' | 'revoke' | 'reuse';

export type TokenState = 'live' | 'expired' | 'revoked' | 'unknown';

export interface IssueOptions {
  readonly policy: QuiqupSimulatorPolicy;
  readonly format: QuiqupSimulatorTokenFormat;
  /** In seconds. */
  readonly lifetime: number;
  readonly withRefreshToken: boolean;
  /** By the wall clock, in epoch ms. */
  readonly now: number;
}

export interface IssuedToken {
  readonly accessToken: string;
  /** Epoch seconds. */
  readonly createdAt: number;
  /** Whole seconds from now; undefined for a token that never expires. */
  readonly expiresIn: number | undefined;
  readonly refreshToken: string | undefined;
  /** False if an earlier token was returned again. */
  readonly isNew: boolean;
}

interface LiveToken {
  readonly accessToken: string;
  readonly clientId: string;
  readonly createdAt: number;
  /** In ms of `performance.now()`. */
  readonly expiresAt: number;
}

/** The number of revoked tokens and of unused refresh tokens to remember. */
const REMEMBERED = 1_000;

function dropOldest(map: Map<string, unknown>): void {
  for (const key of map.keys()) {
    if (map.size <= REMEMBERED) {
      return;
    }
    map.delete(key);
  }
}

/** Issues and checks tokens, without HTTP. It uses the global clocks, so that fake timers move them. */
export class SimulatedTokens {
  readonly #live = new Map<string, LiveToken>();
  readonly #newestByClient = new Map<string, LiveToken>();
  readonly #dead = new Map<string, 'expired' | 'revoked'>();
  readonly #clientByRefreshToken = new Map<string, string>();
  #sweepAt = REMEMBERED;

  issue(clientId: string, options: IssueOptions): IssuedToken {
    const newest = this.#newestByClient.get(clientId);
    const reused =
      options.policy === 'reuse' && newest && this.stateOf(newest.accessToken) === 'live' ? newest : undefined;
    if (options.policy === 'revoke') {
      this.revoke(clientId);
    }
    const token = reused ?? this.#create(clientId, options);
    const remaining = (token.expiresAt - performance.now()) / 1_000;
    return {
      accessToken: token.accessToken,
      createdAt: token.createdAt,
      expiresIn: remaining === Infinity ? undefined : Math.max(0, Math.round(remaining)),
      refreshToken: options.withRefreshToken ? this.#createRefreshToken(clientId) : undefined,
      isNew: reused === undefined,
    };
  }

  stateOf(accessToken: string): TokenState {
    const token = this.#live.get(accessToken);
    if (!token) {
      return this.#dead.get(accessToken) ?? 'unknown';
    }
    if (performance.now() < token.expiresAt) {
      return 'live';
    }
    this.#bury(token, 'expired');
    return 'expired';
  }

  /** The client of a valid token. */
  ownerOf(accessToken: string): string | undefined {
    return this.stateOf(accessToken) === 'live' ? this.#live.get(accessToken)?.clientId : undefined;
  }

  /** Revokes the tokens and refresh tokens of one client, or of all. Returns the number of valid access tokens. */
  revoke(clientId?: string): number {
    let revoked = 0;
    for (const token of this.#live.values()) {
      if ((clientId ?? token.clientId) === token.clientId && this.stateOf(token.accessToken) === 'live') {
        this.#bury(token, 'revoked');
        revoked += 1;
      }
    }
    for (const [refreshToken, owner] of this.#clientByRefreshToken) {
      if ((clientId ?? owner) === owner) {
        this.#clientByRefreshToken.delete(refreshToken);
      }
    }
    return revoked;
  }

  /** Consumes a refresh token. Returns false if it is unknown, already used, or another client's. */
  redeem(refreshToken: string, clientId: string): boolean {
    return this.#clientByRefreshToken.get(refreshToken) === clientId && this.#clientByRefreshToken.delete(refreshToken);
  }

  #create(clientId: string, { format, lifetime, now }: IssueOptions): LiveToken {
    this.#sweep();
    const createdAt = Math.floor(now / 1_000);
    const token = {
      accessToken: accessTokenOf(format, { clientId, createdAt, lifetime }),
      clientId,
      createdAt,
      expiresAt: performance.now() + lifetime * 1_000,
    };
    this.#live.set(token.accessToken, token);
    this.#newestByClient.set(clientId, token);
    return token;
  }

  #createRefreshToken(clientId: string): string {
    const refreshToken = randomBytes(32).toString('hex');
    this.#clientByRefreshToken.set(refreshToken, clientId);
    dropOldest(this.#clientByRefreshToken);
    return refreshToken;
  }

  #bury(token: LiveToken, as: 'expired' | 'revoked'): void {
    this.#live.delete(token.accessToken);
    this.#dead.set(token.accessToken, as);
    dropOldest(this.#dead);
  }

  /** Forgets expired tokens that were not used since. Runs rarely, because each run visits every token. */
  #sweep(): void {
    if (this.#live.size < this.#sweepAt) {
      return;
    }
    for (const accessToken of this.#live.keys()) {
      this.stateOf(accessToken);
    }
    this.#sweepAt = Math.max(REMEMBERED, this.#live.size * 2);
  }
}
