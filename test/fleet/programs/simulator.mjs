// The simulated Quiqup in a process of its own, commanded by the driver.
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { serveCommands, tell } from './commands.mjs';

const simulator = await new QuiqupSimulator(JSON.parse(process.argv[2])).start();

/** A part of Quiqup's API that answers every token of this client with 401. */
const forbidden = createServer((_request, response) => response.writeHead(401).end()).listen(0, '127.0.0.1');
await once(forbidden, 'listening');

let isDown = false;
// One failure for each token request while it is down, so that none is left over for when it is up again.
subscribe('http.server.request.start', ({ request }) => {
  if (isDown && request.url.endsWith('/oauth/token')) {
    simulator.failNext({ on: 'token', status: 503 });
  }
});

function figures() {
  const sends = new Map();
  const requestsBy = {};
  let firstAskedAt;
  for (const { kind, headers, clientId, at } of simulator.calls) {
    if (kind === 'token') {
      firstAskedAt ??= at;
      requestsBy[clientId] = (requestsBy[clientId] ?? 0) + 1;
    } else {
      const id = headers['x-call-id'];
      sends.set(id, (sends.get(id) ?? 0) + 1);
    }
  }
  return {
    ...simulator.counters,
    requestsBy,
    mostSends: Math.max(0, ...sends.values()),
    sinceFirstRequestMs: firstAskedAt === undefined ? 0 : Math.round(performance.now() - firstAskedAt),
  };
}

serveCommands({
  revoke: () => simulator.revokeAll(),
  stall: (ms) => simulator.stall(ms, { on: 'token' }),
  setDown: (whether) => {
    isDown = whether;
  },
  setSecret: (clientId, secret) => simulator.setSecret(clientId, secret),
  reset: () => simulator.resetCounters(),
  figures,
});
tell('ready', { url: simulator.url, forbiddenUrl: `http://127.0.0.1:${forbidden.address().port}/orders` });
