// One process of the part hot-read.
import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { do_not_optimize } from 'mitata';
import { createClient } from '../clients/index.mjs';
import { pairedRounds } from '../support/paired-rounds.mjs';
import { median } from '../support/statistics.mjs';

const { server, rounds } = JSON.parse(process.argv[2]);
const SAMPLES = 9;
const CALLS = 5_000;

const { tokens } = await createClient('nestjs-quiqup-auth', server);
const { cache } = await createClient('axios-token-interceptor', server);
const { current: oauth2 } = await createClient('simple-oauth2', server);
const { current: cached } = await createClient('cache-manager on Redis', server);

const subjects = {
  'peek()': () => do_not_optimize(tokens.peek()),
  'await getAccessToken()': () => tokens.getAccessToken(),
  'await a function that returns the text': async () => 'token',
  'axios-token-interceptor, await its cache': () => cache(),
  'simple-oauth2, await expired() or the token': () => oauth2(),
  'cache-manager, await get() from Redis': () => cached(),
};

const collectedAt = [];
new PerformanceObserver((list) => {
  collectedAt.push(...list.getEntries().map(({ startTime }) => startTime));
}).observe({ entryTypes: ['gc'] });

/** Bytes a call, of the samples that no collection cut short. */
async function allocated(subject) {
  const sizes = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    globalThis.gc();
    const startedAt = performance.now();
    const before = process.memoryUsage().heapUsed;
    for (let call = 0; call < CALLS; call += 1) {
      const result = subject();
      if (result instanceof Promise) {
        await result;
      }
    }
    const size = process.memoryUsage().heapUsed - before;
    const endedAt = performance.now();
    // The observer reports collections a little later.
    await pause(5);
    if (!collectedAt.some((at) => at > startedAt && at < endedAt)) {
      sizes.push(size / CALLS);
    }
  }
  return sizes.length === 0 ? undefined : Math.round(median(sizes));
}

for (const subject of Object.values(subjects)) {
  await subject();
}
const times = await pairedRounds(subjects, rounds);
const bytes = {};
for (const [what, subject] of Object.entries(subjects)) {
  bytes[what] = await allocated(subject);
}
process.send({ times, bytes }, () => process.exit());
