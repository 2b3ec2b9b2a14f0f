// Tokens of 2 s under load for 10 minutes (`--hour`: an hour): no failed call, no token request too many, no growth.
import { setTimeout as pause } from 'node:timers/promises';
import { between, Fleets } from './support/fleets.mjs';
import { isHour, isShort } from './support/options.mjs';
import { Part, say } from './support/part.mjs';
import { median } from './support/statistics.mjs';

const POLICIES = ['fresh', 'revoke', 'reuse'];
const PROCESSES = 4;
const LIFETIME = 2;
/** Of each instance. */
const RATE = 5;
const MINUTE = isShort ? 5 : 60;
const SECONDS = isHour ? 3_600 : 10 * MINUTE;
const SAMPLE_EVERY = isShort ? 1 : 10;
// The processes run without V8's optimising compilers: compiled code grows for an hour and hides the objects.
const GROWTH = 0.01;

const fleets = await Fleets.start(
  PROCESSES,
  POLICIES.map((policy) => ({ policy, lifetime: LIFETIME, latency: 20 })),
  ['--expose-gc', '--no-opt', '--no-sparkplug'],
);
const each = (work) => Promise.all(POLICIES.map((_, fleet) => work(fleet)));
await each((fleet) => fleets.coldStart(fleet));
const firsts = await each((fleet) => fleets.snapshot(fleet, 2));
const ids = await each((fleet) => fleets.askAll('startLoad', fleet, RATE));

const startedAt = performance.now();
const samples = [];
for (let next = SAMPLE_EVERY; next <= SECONDS; next += SAMPLE_EVERY) {
  await pause(Math.max(0, startedAt + next * 1_000 - performance.now()));
  samples.push({ second: next, heaps: await fleets.askAll('heap') });
}

const outcomes = await each((fleet) =>
  Promise.all(fleets.instances.map((instance, index) => instance.ask('stopLoad', fleet, ids[fleet][index]))),
);
const rows = await each(async (fleet) => {
  const states = await fleets.states(fleet);
  const last = await fleets.snapshot(fleet, Math.max(...states.map(({ changes }) => changes)) + 1);
  const calls = outcomes[fleet].reduce((sum, one) => sum + one.calls, 0);
  const reasons = outcomes[fleet].map(({ failures }) => failures);
  const failed = reasons.flatMap((one) => Object.values(one)).reduce((sum, one) => sum + one, 0);
  const slowestMs = Math.max(...outcomes[fleet].map((one) => one.slowestMs));
  return { policy: POLICIES[fleet], calls, failed, reasons, slowestMs, ...between(firsts[fleet], last) };
});
await fleets.stop();

const meanOf = (from, to) => {
  const some = samples.filter(({ second }) => second > from && second <= to);
  return Array.from({ length: PROCESSES }, (_, index) => median(some.map(({ heaps }) => heaps[index])));
};
const early = meanOf(MINUTE, 2 * MINUTE);
const late = meanOf(SECONDS - MINUTE, SECONDS);
const growth = late.map((heap, index) => heap / early[index] - 1);

const part = new Part();
for (const { policy, calls, failed, reasons, slowestMs, rotations, requests } of rows) {
  say(
    `${policy}: ${calls} calls, the slowest took ${slowestMs} ms, ${failed} failed ${JSON.stringify(reasons)}, ` +
      `${rotations} rotations, ${requests} token requests`,
  );
  part.bar(`${policy}: no failed call`, `${failed} of ${calls}`, failed === 0);
  const most = policy === 'reuse' ? 3 * rotations : rotations;
  part.bar(
    `${policy}: ${policy === 'reuse' ? 'at most three token requests' : 'one token request'} a rotation`,
    `${requests} in ${rotations} rotations`,
    requests <= most,
  );
}
const percent = growth.map((one) => `${(one * 100).toFixed(1)} %`).join(', ');
part.bar('heap in the last minute within 1 % of the second minute', percent, Math.max(...growth) <= GROWTH);
part.save({ seconds: SECONDS, lifetime: LIFETIME, rate: RATE, processes: PROCESSES, rows, samples, growth });
