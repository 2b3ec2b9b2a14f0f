import { globalAgent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '../clients/index.mjs';

// More connections at once than a server has room for in its queue (511 in Node) would wait seconds for TCP to try again.
globalAgent.maxSockets = 256;

/** In s. */
const SHORT_LIFE = 1;
export const KINDS = ['cold', 'expiry', 'revocation'];

/**
 * So many calls at once by a client that has no token yet, whose token has just expired, or whose token was revoked.
 * @param {object} options
 * @param {string} options.name of the client
 * @param {import('../support/program.mjs').Program} options.simulator
 * @param {number} [options.patience] in ms; a call that is not answered by then has failed
 * @returns the number of token requests and of failed calls, why they failed, and ms until the last success
 */
export async function burst({ name, simulator, server, kind, size, patience = 20_000 }) {
  await simulator.ask('set', { lifetime: kind === 'expiry' ? SHORT_LIFE : 3_600 });
  // Renewed ahead of time, the token would not expire.
  const options = kind === 'expiry' ? { refresh: { enabled: false } } : {};
  const client = await createClient(name, { ...server, options });
  if (kind !== 'cold') {
    await client.get('api/fulfilment/orders');
  }
  if (kind === 'expiry') {
    await pause(SHORT_LIFE * 1_000 + 50);
    await simulator.ask('set', { lifetime: 3_600 });
  } else if (kind === 'revocation') {
    await simulator.ask('revoke');
  }
  await simulator.ask('reset');
  // The server may close an idle connection at the moment a call takes it.
  globalAgent.destroy();

  const startedAt = performance.now();
  let lastSuccess;
  const failures = [];
  const call = async () => {
    try {
      await Promise.race([client.get('api/fulfilment/orders'), late(patience)]);
      lastSuccess = performance.now() - startedAt;
    } catch (error) {
      failures.push(String(error));
    }
  };
  await Promise.all(Array.from({ length: size }, call));
  const { tokenRequests } = await simulator.ask('counters');
  await client.close?.();
  // The next one opens its connections itself, as this one had to.
  globalAgent.destroy();
  return { name, kind, size, tokenRequests, failed: failures.length, failures, ms: lastSuccess };
}

async function late(patience) {
  await pause(patience, undefined, { ref: false });
  throw new Error('The call was not answered.');
}
