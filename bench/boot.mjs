// Import and boot, the heap of a module and of an account, and what is installed.
import { installedSize, ownSize } from './boot/installed-size.mjs';
import { isShort } from './support/options.mjs';
import { Part, say } from './support/part.mjs';
import { measureIn, Program } from './support/program.mjs';
import { Redis } from './support/redis.mjs';
import { shuffled } from './support/shuffled.mjs';
import { median, withInterval } from './support/statistics.mjs';

const ROUNDS = isShort ? 2 : 10;
const ACCOUNTS = isShort ? 100 : 1_000;
const WARM_UP = 100;
const BAR_BYTES = 20 * 1_024;
const NAMED = 10;
const APPLICATIONS = {
  'Nest alone': {},
  'HttpModule, CacheModule, ScheduleModule': { alone: true },
  QuiqupAuthModule: { accounts: 1 },
  'all four': { alone: true, accounts: 1 },
  'all four, 10 accounts more': { alone: true, accounts: 1 + NAMED },
};

const boots = Object.fromEntries(Object.keys(APPLICATIONS).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const name of shuffled(Object.keys(APPLICATIONS))) {
    boots[name].push(await measureIn('boot/app.mjs', APPLICATIONS[name], ['--expose-gc']));
  }
}
const [BARE, BASE, OWN, ALL, MORE] = Object.keys(APPLICATIONS);
const ratioOf = (name, what) => {
  const rounds = boots[name].map((one, round) => one[what] / boots[BASE][round][what]);
  return withInterval(rounds, (drawn) => median(drawn));
};
const rows = Object.keys(APPLICATIONS).map((name) => ({
  name,
  importMs: median(boots[name].map(({ importTook }) => importTook)),
  ownImportMs: median(boots[name].map(({ ownImportTook }) => ownImportTook)),
  listenMs: median(boots[name].map(({ listeningAfter }) => listeningAfter)),
  heap: median(boots[name].map(({ heap }) => heap)),
  listenRatio: ratioOf(name, 'listeningAfter'),
  heapRatio: ratioOf(name, 'heap'),
}));
const heapOf = (wanted) => rows.find(({ name }) => name === wanted).heap;
const heaps = {
  alone: heapOf(BASE) - heapOf(BARE),
  module: heapOf(OWN) - heapOf(BARE),
  beside: heapOf(ALL) - heapOf(BASE),
  named: (heapOf(MORE) - heapOf(ALL)) / NAMED,
};

const redis = await Redis.start();
const clients = Array.from({ length: WARM_UP + ACCOUNTS }, (_, index) => ({
  clientId: `client-${index}`,
  clientSecret: 'secret',
}));
const accounts = {};
for (const [where, url] of Object.entries({ memory: undefined, Redis: redis.url })) {
  const simulator = await Program.start('support/programs/simulator.mjs', {
    simulator: { clients: clients.slice(0, 1) },
  });
  await simulator.ask('addClients', clients.slice(1));
  const settings = { url: simulator.details.url, redis: url, count: ACCOUNTS, warmUp: WARM_UP };
  accounts[where] = (await measureIn('boot/accounts.mjs', settings, ['--expose-gc'])).bytes;
  await simulator.kill();
}
await redis.stop();

const { packed, unpacked, dependencies } = ownSize();
const base = installedSize([
  '@nestjs/core',
  '@nestjs/platform-express',
  '@nestjs/axios',
  '@nestjs/cache-manager',
  '@nestjs/schedule',
]);
const sizes = { packed, unpacked, own: unpacked + installedSize(dependencies), base };

const kB = (bytes) => `${(bytes / 1_024).toFixed(1)} KB`;
for (const { name, importMs, listenMs, heap, listenRatio } of rows) {
  const { value, low, high } = listenRatio;
  say(
    `${name.padEnd(42)} import ${importMs.toFixed(0)} ms, listening after ${listenMs.toFixed(0)} ms, ratio ` +
      `${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)}), heap ${kB(heap)}`,
  );
}
for (const [what, bytes] of Object.entries(heaps)) {
  say(`heap ${what}: ${kB(bytes)}`);
}
say(`packed ${kB(packed)}, unpacked ${kB(unpacked)}, installed ${kB(sizes.own)} beside ${kB(base)}`);
const part = new Part();
part.ratioBar(
  'until app.listen, with QuiqupAuthModule beside the three modules alone, at most 1.05',
  rows.find(({ name }) => name === OWN).listenRatio,
  1.05,
);
for (const [where, bytes] of Object.entries(accounts)) {
  part.bar(
    `an account in ${where}, with its token, at ${ACCOUNTS} accounts: at most 20 KB`,
    `${kB(bytes.token)}; ${kB(bytes.call)} once its http was used`,
    bytes.call <= BAR_BYTES,
  );
}
part.save({ rounds: ROUNDS, rows, heaps, accounts, accountsCount: ACCOUNTS, sizes });
