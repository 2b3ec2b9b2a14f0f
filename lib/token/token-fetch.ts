import type { QuiqupSharedConfig } from '../config/index.js';
import { QuiqupTokenEndpointError } from '../errors/index.js';
import type { LockLease } from '../store/index.js';
import type { Clock, Random } from '../time/index.js';
import type { AcquisitionRequest, Outcome } from './acquisition-outcome.js';
import { asAuthError } from './as-auth-error.js';
import type { AcquiredToken } from './held-token.js';
import type { SharedLookup } from './shared-lookup.js';
import type { SharedRecords } from './shared-records.js';
import type { TokenEndpoint } from './token-endpoint.js';
import { TokenFailure } from './token-failure.js';
import type { TokenMemory } from './token-memory.js';
import type { TokenResponse } from './token-response.js';

export interface TokenFetchParts {
  readonly config: QuiqupSharedConfig;
  readonly endpoint: TokenEndpoint;
  readonly records: SharedRecords;
  readonly lookup: SharedLookup;
  readonly memory: TokenMemory;
  readonly clock: Clock;
  readonly random: Random;
}

/** Sends one token request, and shares the outcome with the other instances. */
export class TokenFetch {
  readonly #parts: TokenFetchParts;

  constructor(parts: TokenFetchParts) {
    this.#parts = parts;
  }

  /** @param lease the lease of the lock that guards the request */
  async fetch(lease: LockLease, request: AcquisitionRequest): Promise<Outcome> {
    const { config, endpoint, records, lookup, clock, random } = this.#parts;
    // Taken before the request is sent, so that a slow response never makes the token seem to live longer.
    const requestedAt = clock.now();
    let response: TokenResponse;
    try {
      response = await endpoint.request(request.credentials, request.closing);
    } catch (error) {
      request.closing.throwIfAborted();
      return this.afterFailure(error, request);
    }
    if (lease.ageMs >= config.timeouts.lock) {
      // Another instance may have requested one meanwhile: only a later token is better.
      const newer = await lookup.findLater(request, requestedAt);
      if (newer !== undefined) {
        return { kind: 'token', token: newer };
      }
    }
    const { accessToken, expiresIn } = response;
    const lifetimeMs = (expiresIn ?? config.assumedLifetime) * 1_000;
    const token: AcquiredToken = { id: random.id(), accessToken, requestedAt, lifetimeMs, source: 'endpoint' };
    await records.writeToken(token);
    return { kind: 'token', token };
  }

  private async afterFailure(error: unknown, request: AcquisitionRequest): Promise<Outcome> {
    const { memory, records, lookup, clock, random } = this.#parts;
    // Two instances requested at once, and the other one has the token.
    const others = isTokenReuse(error) ? await lookup.findToken(request) : undefined;
    if (others !== undefined) {
      return { kind: 'token', token: others };
    }
    const failure = TokenFailure.at(clock.now(), asAuthError(error), {
      refused: request.credentials,
      before: memory.lastFailure,
      random,
    });
    await records.writeFailure(failure);
    return { kind: 'failed', failure };
  }
}

function isTokenReuse(error: unknown): boolean {
  return error instanceof QuiqupTokenEndpointError && error.oauthError === 'invalid_token_reuse';
}
