import { shownRedisUrl, type QuiqupAuthConfig } from '../config/index.js';
import { probeRedis, reasonOf } from '../store/index.js';
import { ok, problem, skipped, type Finding } from './finding.js';
import { remedyFor, type Remedies } from './remedies.js';

/** All commands of the module, except those that open a connection. */
const COMMANDS = 'GET, SET, PTTL, UNLINK, DEL and EVAL';

const REMEDIES: Remedies = [
  [/^(WRONGPASS|NOAUTH|ERR (AUTH|Client sent AUTH|invalid password))/i, 'Check user name and password in REDIS_URL.'],
  [/^NOPERM: select/, 'Allow the user SELECT, or remove the database number from REDIS_URL.'],
  [/^NOPERM on the key/, 'Allow the user the keys that begin with quiqup-auth: (~quiqup-auth:*).'],
  [/^READONLY/, 'This is a replica: give the address of the primary.'],
  [/^(MISCONF|OOM)/, 'Redis refuses writes: check its disk and its memory.'],
  [/^(LOADING|BUSY|MASTERDOWN|TRYAGAIN)/, 'Redis is not ready at present: try again in a moment.'],
  [/^(MOVED|ASK|CROSSSLOT)|CLUSTER/, 'This is a cluster: pass a cache with a cluster client (docs/fleet.md).'],
  [/DB index/i, 'Redis has no database with this number: check the end of REDIS_URL.'],
  [/^ERR unknown command/, 'This server lacks a command, or has renamed it: ask its administrator.'],
  [/max (number of )?clients/, 'Redis refuses new connections: check its maxclients.'],
  [/CERT|SIGNATURE|^ERR_TLS/, 'The certificate is not trusted. For an authority of your own, set NODE_EXTRA_CA_CERTS.'],
  [/./, 'Check host and port in REDIS_URL, rediss: for TLS, and that this machine may connect.'],
];

function remedyOf(reason: string): string {
  const missing = /^NOPERM: (.+)/.exec(reason)?.[1];
  return missing === undefined || missing === 'select'
    ? remedyFor(reason, REMEDIES)
    : `Allow the user ${missing.toUpperCase()}. It needs ${COMMANDS} on keys that begin with quiqup-auth:`;
}

/** Whether all commands that the module needs work. */
export async function checkRedis(config: QuiqupAuthConfig): Promise<Finding> {
  const url = config.cache.redis;
  if (url === undefined) {
    return skipped('REDIS_URL is not set: each process gets its own token. Several instances should share one');
  }
  const where = `Redis at ${shownRedisUrl(url)}`;
  try {
    await probeRedis(url, config.timeouts.store);
    return ok(`${where} takes and gives back what is stored`);
  } catch (error) {
    const reason = reasonOf(error);
    return problem(`${where} does not work (${reason})`, remedyOf(reason));
  }
}
