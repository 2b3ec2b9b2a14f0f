import type { QuiqupAuthConfig } from '../config/index.js';
import { QuiqupCredentialsUnavailableError } from '../errors/index.js';
import { withDeadline } from '../time/index.js';

/** The client's credentials for a token request. */
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Resolves both to their current values. */
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
    // Not passed on as the cause: an error of a secret manager's client may hold the secret.
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
 * Resolves the client id and secret to their current values.
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
