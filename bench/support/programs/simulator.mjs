// The simulated Quiqup in a process of its own; over https as well where that is asked for.
import { subscribe } from 'node:diagnostics_channel';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { serveCommands, tell } from '../../../test/fleet/programs/commands.mjs';

const { simulator: options, https } = JSON.parse(process.argv[2]);
const simulator = await new QuiqupSimulator(options).start();

let isDown = false;
// One failure for each token request while it is down, so that none is left over for when it is up again.
subscribe('http.server.request.start', ({ request }) => {
  if (isDown && request.url.endsWith('/oauth/token')) {
    simulator.failNext({ on: 'token', status: 503 });
  }
});

const requestsBy = {};
const counted = new WeakSet();
subscribe('http.server.response.finish', ({ request }) => {
  if (!request.url.endsWith('/oauth/token')) {
    return;
  }
  for (const call of simulator.calls) {
    if (call.kind === 'token' && call.status !== 0 && !counted.has(call)) {
      counted.add(call);
      requestsBy[call.clientId] = (requestsBy[call.clientId] ?? 0) + 1;
    }
  }
});

serveCommands({
  set: (properties) => {
    Object.assign(simulator, properties);
    return simulator.counters;
  },
  addClients: (clients) => clients.forEach((client) => simulator.addClient(client)),
  revoke: () => simulator.revokeAll(),
  setDown: (whether) => {
    isDown = whether;
  },
  reset: () => simulator.resetCounters(),
  counters: () => ({
    ...simulator.counters,
    requestsBy,
    lastToken: simulator.calls.findLast(({ kind, token }) => kind === 'token' && token !== undefined)?.token,
  }),
});
// What only that needs is a package of the bench, which the checks of counts do without.
const front = https ? await (await import('../https-front.mjs')).httpsFront(simulator.url) : undefined;
tell('ready', { url: simulator.url, https: front });
