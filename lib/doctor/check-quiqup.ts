import axios from 'axios';
import type { QuiqupAuthConfig } from '../config/index.js';
import { QuiqupAuthError, QuiqupCredentialsRefusedError } from '../errors/index.js';
import { createTokenClient, requestToken } from '../token/index.js';
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

/** The APIs at one origin. */
interface CalledHost {
  readonly origin: string;
  /** For people, such as 'platform, token endpoint'. */
  readonly serves: string;
}

/** The hosts that the module would call, each once. */
function calledHosts({ baseUrl, lastMileUrl, tokenUrl }: QuiqupAuthConfig): CalledHost[] {
  const servedBy = new Map<string, string[]>();
  const add = (url: string, what: string): void => {
    const { origin } = new URL(url);
    servedBy.set(origin, [...(servedBy.get(origin) ?? []), what]);
  };
  add(tokenUrl, 'token endpoint');
  add(baseUrl, 'platform');
  if (lastMileUrl !== undefined) {
    add(lastMileUrl, 'last mile');
  }
  return [...servedBy].map(([origin, serves]) => ({ origin, serves: serves.join(', ') }));
}

/** Whether each host that the module would call answers. The token endpoint's host comes first. */
export function checkHosts(config: QuiqupAuthConfig): Promise<Finding[]> {
  return Promise.all(calledHosts(config).map((host) => checkHost(config, host)));
}

async function checkHost(config: QuiqupAuthConfig, { origin, serves }: CalledHost): Promise<Finding> {
  const limitMs = config.timeouts.tokenRequest;
  const timeout = AbortSignal.timeout(limitMs);
  const where = `${origin} (${serves})`;
  const client = createTokenClient(config);
  try {
    await client.send({ method: 'GET', url: origin, signal: timeout });
    return ok(`${where} answers`);
  } catch (error) {
    if (timeout.aborted) {
      return problem(`${where} does not answer within ${limitMs} ms`, remedyFor('timeout', REMEDIES));
    }
    const code = (axios.isAxiosError(error) && error.code) || 'no code';
    // A response that is too long, for example, still shows that the host answers.
    return code === 'ERR_BAD_RESPONSE'
      ? ok(`${where} answers`)
      : problem(`${where} cannot be reached (${code})`, remedyFor(code, REMEDIES));
  } finally {
    client.close();
  }
}

/** The settings for the try of the credentials. */
function shownTarget({ environment, baseUrl }: QuiqupAuthConfig): string {
  return environment === undefined ? new URL(baseUrl).origin : `the ${environment} environment`;
}

/** Whether Quiqup issues a token for the credentials, which shows their environment. Costs one token request. */
export async function checkCredentials(config: QuiqupAuthConfig): Promise<Finding> {
  const target = shownTarget(config);
  try {
    const { expiresIn } = await requestToken(config);
    const life = expiresIn === undefined ? 'an unknown time' : `${expiresIn} s`;
    return ok(`The credentials belong to ${target}: Quiqup gives a token for ${life}`);
  } catch (error) {
    if (!(error instanceof QuiqupAuthError)) {
      throw error;
    }
    return error instanceof QuiqupCredentialsRefusedError
      ? problem(`The credentials do not belong to ${target}, or are wrong (${error.code})`, error.message)
      : problem(`Quiqup gives no token (${error.code})`, error.message);
  }
}
