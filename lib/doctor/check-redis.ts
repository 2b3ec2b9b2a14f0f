import type { QuiqupAuthConfig } from '../config/index.js';
import { probeRedis } from '../store/index.js';
import { ok, problem, skipped, type Finding } from './finding.js';
import { remedyFor, type Remedies } from './remedies.js';

const REMEDIES: Remedies = [
  [/^(WRONGPASS|NOAUTH)/, 'Check user name and password in REDIS_URL.'],
  [/^NOPERM/, 'Allow the user SET, GET, DEL, PTTL and EVAL on keys that begin with quiqup-auth:'],
  [/^READONLY/, 'This is a replica: give the address of the primary.'],
  [/^(MISCONF|OOM)/, 'Redis takes no writes: look at its disk and its memory.'],
  [/^MOVED|CLUSTER/, 'This is a cluster: pass a cache with a cluster client in place of a URL (docs/fleet.md).'],
  [/./, 'Check host and port in REDIS_URL, rediss: for TLS, and that this machine may connect.'],
];

/** What Redis or the way to it says, on one line. */
function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return (message || code || 'no reason given').split('\n', 1)[0] ?? '';
}

/** Whether everything works there that the module needs. */
export async function checkRedis(config: QuiqupAuthConfig): Promise<Finding> {
  const url = config.cache.redis;
  if (url === undefined) {
    return skipped('REDIS_URL is not set: each process gets a token of its own. Several instances should share one');
  }
  const { protocol, host } = new URL(url);
  const where = `Redis at ${protocol}//${host}`;
  try {
    await probeRedis(url, config.timeouts.store);
    return ok(`${where} takes and gives back what is stored`);
  } catch (error) {
    const reason = reasonOf(error);
    return problem(`${where} does not work (${reason})`, remedyFor(reason, REMEDIES));
  }
}
