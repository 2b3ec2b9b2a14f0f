import type { QuiqupAuthConfig } from '../config/index.js';
import { QuiqupCredentialsUnavailableError } from '../errors/index.js';
import { withDeadline } from '../time/index.js';

/** What a token request proves the client's identity with. */
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Asks for both as they are now. */
export type CredentialsSource = () => Promise<Credentials>;

async function resolve(
  option: 'clientId' | 'clientSecret',
  ask: () => string | Promise<string>,
  timeoutMs: number,
): Promise<string> {
  let value: unknown;
  try {
    value = await withDeadline(Promise.resolve().then(ask), timeoutMs);
  } catch {
    // Not passed on as the cause: what a secret manager's client throws may hold the secret.
    throw new QuiqupCredentialsUnavailableError(
      `The function given as ${option} failed or did not answer within ${timeoutMs} ms. Check what it depends on.`,
    );
  }
  if (typeof value !== 'string' || value === '') {
    throw new QuiqupCredentialsUnavailableError(
      `The function given as ${option} did not return a non-empty string. Check what it reads.`,
    );
  }
  return value;
}

/**
 * Asks for the client id and secret as they are now.
 *
 * @throws {@link QuiqupCredentialsUnavailableError}
 */
export async function resolveCredentials(config: QuiqupAuthConfig): Promise<Credentials> {
  const timeoutMs = config.timeouts.tokenRequest;
  const [clientId, clientSecret] = await Promise.all([
    resolve('clientId', config.clientId, timeoutMs),
    resolve('clientSecret', config.clientSecret, timeoutMs),
  ]);
  return { clientId, clientSecret };
}
