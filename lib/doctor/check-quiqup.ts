import axios from 'axios';
import type { QuiqupAuthConfig } from '../config/index.js';
import { QuiqupAuthError } from '../errors/index.js';
import { createTokenClient, requestFirstToken, tokenUrlOf } from '../token/index.js';
import { ok, problem, type Finding } from './finding.js';
import { remedyFor, type Remedies } from './remedies.js';

const REMEDIES: Remedies = [
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'The name cannot be resolved: check its spelling, and the DNS of this machine.'],
  [/^ECONNREFUSED$/, 'Nothing listens there: check host and port.'],
  [
    /CERT|SIGNATURE|^ERR_TLS/,
    "The server's certificate is not trusted: check the host; for a company's own authority set NODE_EXTRA_CA_CERTS.",
  ],
  [/./, 'Check the network and the proxy between here and Quiqup (HTTPS_PROXY, NO_PROXY).'],
];

/** Whether anything answers at the host. */
export async function checkHost(config: QuiqupAuthConfig): Promise<Finding> {
  const { origin } = tokenUrlOf(config);
  const limitMs = config.timeouts.tokenRequest;
  const timeout = AbortSignal.timeout(limitMs);
  try {
    await createTokenClient(config).get(origin, { signal: timeout });
    return ok(`${origin} answers`);
  } catch (error) {
    if (timeout.aborted) {
      return problem(`${origin} does not answer within ${limitMs} ms`, remedyFor('timeout', REMEDIES));
    }
    const code = (axios.isAxiosError(error) && error.code) || 'no code';
    // Of an answer that was too long, for one: what answers is there.
    return code === 'ERR_BAD_RESPONSE'
      ? ok(`${origin} answers`)
      : problem(`${origin} cannot be reached (${code})`, remedyFor(code, REMEDIES));
  }
}

/** Whether Quiqup gives a token for the credentials. It costs one token request. */
export async function checkCredentials(config: QuiqupAuthConfig): Promise<Finding> {
  try {
    const { expiresIn } = await requestFirstToken(config);
    return ok(
      `Quiqup accepts the credentials: a token for ${expiresIn === undefined ? 'an unknown time' : `${expiresIn} s`}`,
    );
  } catch (error) {
    if (!(error instanceof QuiqupAuthError)) {
      throw error;
    }
    return problem(`Quiqup gives no token (${error.code})`, error.message);
  }
}
