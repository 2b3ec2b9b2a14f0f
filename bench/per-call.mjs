// What a call costs while its token is fresh: on an adapter that answers at once, and over loopback with keep-alive.
import { isShort } from './support/options.mjs';
import { Part, say } from './support/part.mjs';
import { measureIn, Program } from './support/program.mjs';
import { Redis } from './support/redis.mjs';
import { RIVALS } from './support/rivals.mjs';
import { median, pairedRatio } from './support/statistics.mjs';
import { versions } from './support/versions.mjs';

/** One process compiles the same code a little better or worse than the next, for all its life. */
const PROCESSES = isShort ? 2 : 6;
const ROUNDS = isShort ? 4 : 30;
const OWN = 'nestjs-quiqup-auth';
/** The limit of a call through the module, as a multiple of the other call. */
const BARS = { 'header by hand': 1, 'header interceptor': 1.08 };
const FETCH_BAR = 1.05;

const redis = await Redis.start();
const program = await Program.start('per-call/server.mjs', {});
const server = { ...program.details, redis: redis.url, clientId: 'bench', clientSecret: 'secret' };
const processes = [];
const ofFetch = [];
while (processes.length < PROCESSES) {
  await redis.command('FLUSHALL');
  processes.push(await measureIn('per-call/measure.mjs', { server, rivals: RIVALS, rounds: ROUNDS }));
  ofFetch.push(await measureIn('per-call/measure-fetch.mjs', { server, rounds: ROUNDS }));
}
await program.kill();
await redis.stop();

const part = new Part();
const timesOf = (where, subject) =>
  (subject.startsWith('fetch ') ? ofFetch : processes).map((one) => one[where][subject]);
const rows = [];
function compare(where, call, subject, limit) {
  const own = timesOf(where, subject);
  const { value, low, high } = pairedRatio(own, timesOf(where, limit));
  const row = { where, call, way: subject.split(' / ').at(-1), limit: limit.split(' / ').at(-1) };
  rows.push({ ...row, ns: median(own.flat()), ratio: value, low, high });
  return rows.at(-1);
}

for (const call of ['axiosRef.get', 'axiosRef.post', 'get, observable']) {
  for (const [limit, bar] of Object.entries(BARS)) {
    const { ratio, low, high } = compare('noop', call, `${call} / ${OWN}`, `${call} / ${limit}`);
    part.ratioBar(
      `${call} beside ${limit}, no-op adapter, at most ${bar.toFixed(2)}`,
      { value: ratio, low, high },
      bar,
    );
  }
  compare('noop', call, `${call} / header by hand`, `${call} / header by hand`);
  compare('noop', call, `${call} / header interceptor`, `${call} / header by hand`);
}
for (const [where, call] of [
  ['noop', 'fetch get'],
  ['noop', 'fetch post'],
  ['loopback', 'fetch get'],
]) {
  const { ratio, low, high } = compare(where, call, `${call} / ${OWN}`, `${call} / header by hand`);
  const place = where === 'noop' ? 'no-op dispatcher' : 'loopback';
  part.ratioBar(
    `${call} beside header by hand, ${place}, at most ${FETCH_BAR.toFixed(2)}`,
    { value: ratio, low, high },
    FETCH_BAR,
  );
  compare(where, call, `${call} / header by hand`, `${call} / header by hand`);
  compare(where, call, `${call} / header by hand, once more`, `${call} / header by hand`);
}
for (const rival of RIVALS) {
  compare('noop', 'axiosRef.get', `axiosRef.get / ${rival}`, 'axiosRef.get / header by hand');
}
for (const way of [OWN, 'header by hand', 'header by hand, once more', 'header interceptor', ...RIVALS]) {
  const isHttps = way.startsWith('@azure');
  compare('loopback', 'axiosRef.get', way, isHttps ? 'header by hand, over https' : 'header by hand');
}
const toItself = pairedRatio(timesOf('loopback', 'header by hand, once more'), timesOf('loopback', 'header by hand'));
const noise = Math.max(toItself.high, 1 / toItself.low);
for (const [limit, bar] of Object.entries(BARS)) {
  const { value, low, high } = pairedRatio(timesOf('loopback', OWN), timesOf('loopback', limit));
  part.bar(
    `axiosRef.get beside ${limit}, loopback, at most ${bar.toFixed(2)} within noise`,
    `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)}); noise is ${noise.toFixed(3)}`,
    low <= bar * noise,
  );
}

say();
for (const { where, call, way, limit, ns, ratio, low, high } of rows) {
  const times = `${ratio.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
  say(
    `${`${where} ${call}`.padEnd(24)} ${way.padEnd(38)} ${(ns / 1_000).toFixed(1).padStart(7)} µs  ${times} of ${limit}`,
  );
}
part.save({ processes: PROCESSES, rounds: ROUNDS, rows, versions: versions() });
