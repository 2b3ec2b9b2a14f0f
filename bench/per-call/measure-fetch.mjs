// One process of the part per-call, for `fetch`: it measures and reports to its parent.
import { createClient } from '../clients/index.mjs';
import { NoopDispatcher } from '../support/noop-dispatcher.mjs';
import { pairedRounds } from '../support/paired-rounds.mjs';
import { checked, count } from './token-check.mjs';

const { server, rounds } = JSON.parse(process.argv[2]);
const PATH = 'api/fulfilment/orders';
const ORDER = JSON.stringify({ kind: 'partner_same_day', items: [{ name: 'Box', quantity: 1 }] });
const POST = { method: 'POST', body: ORDER, headers: { 'Content-Type': 'application/json' } };

const dispatcher = new NoopDispatcher(count);

/** As the field writes it: a function that takes the arguments of `fetch`, and adds the header. */
function byHand(bearer, more) {
  return (path, init) =>
    fetch(server.url + path, { ...more, ...init, headers: { ...init?.headers, Authorization: bearer } });
}

async function ways(more) {
  const options = more === undefined ? {} : { http: { fetchOptions: more } };
  const { fetches, tokens } = await createClient('nestjs-quiqup-auth', { ...server, options });
  const bearer = `Bearer ${await tokens.getAccessToken()}`;
  return {
    'nestjs-quiqup-auth': fetches.fetch,
    'header by hand': byHand(bearer, more),
    // How far one is from the other is noise.
    'header by hand, once more': byHand(bearer, more),
  };
}

const offline = {};
for (const [way, send] of Object.entries(await ways({ dispatcher }))) {
  offline[`fetch get / ${way}`] = await checked(() => send(PATH), `fetch by ${way}`);
  offline[`fetch post / ${way}`] = await checked(() => send(PATH, POST), `fetch by ${way}`);
}
const noop = await pairedRounds(offline, rounds);

const online = {};
for (const [way, send] of Object.entries(await ways())) {
  const get = async () => (await send(PATH)).text();
  await get();
  online[`fetch get / ${way}`] = get;
}
const loopback = await pairedRounds(online, rounds, { warmUpRounds: rounds >> 1, batch: 16 });

process.send({ noop, loopback }, () => process.exit());
