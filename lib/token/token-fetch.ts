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

/** Asks the token endpoint once, and tells the other instances the outcome. */
export class TokenFetch {
  readonly #parts: TokenFetchParts;

  constructor(parts: TokenFetchParts) {
    this.#parts = parts;
  }

  /** @param lease of the lock under which it happens */
  async fetch(lease: LockLease, request: AcquisitionRequest): Promise<Outcome> {
    const { config, endpoint, records, lookup, clock, random } = this.#parts;
    // Before the request is sent: however long the response travels, the token is never thought to live longer.
    const requestedAt = clock.now();
    let response: TokenResponse;
    try {
      response = await endpoint.request(request.credentials, request.closing);
    } catch (error) {
      request.closing.throwIfAborted();
      return this.afterFailure(error, request);
    }
    if (lease.ageMs >= config.timeouts.lock) {
      // Others may have asked meanwhile: only a later token is the better one.
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
    // Two instances asked at once, and the other has the token.
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
