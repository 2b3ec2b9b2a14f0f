// What a call costs through the module while its token is fresh, beside the same call of a plain axios. Nothing is sent.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { machine } from './support/machine.mjs';
import { median } from './support/median.mjs';

/** One process compiles the same code a little better or worse than the next, for all its life. */
const PROCESSES = 7;
const CALLS = ['axiosRef.get', 'axiosRef.post', 'get, observable'];
/** What a call through the module may take at most, as a multiple of the other. */
const BARS = { 'header by hand': 1, 'header interceptor': 1.08 };

const processes = [];
while (processes.length < PROCESSES) {
  const child = fork(join(import.meta.dirname, 'per-call', 'measure.mjs'));
  const failure = once(child, 'exit').then(([code]) => {
    throw new Error(`A measuring process ended with ${code}.`);
  });
  const [measured] = await Promise.race([once(child, 'message'), failure]);
  failure.catch(() => undefined);
  processes.push(measured);
}

const say = (...columns) => process.stdout.write(`${columns.join(' ').trimEnd()}\n`);
const name = (text) => text.padEnd(24);
const ns = (values, digits = 0) => `${median(values).toFixed(digits).padStart(7)} ns`;
/** The lowest and the highest of the processes. */
const range = (values, digits) => `${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)}`;
const roundsOf = (call, way) => processes.map(({ rounds }) => rounds[`${call} / ${way}`]);

say(`${machine()}. Medians of paired rounds in ${PROCESSES} processes; in brackets, the processes' own medians.`);
for (const call of CALLS) {
  const own = roundsOf(call, 'module');
  say(`\n${name(call)}`, ns(own.flat()));
  for (const [way, bar] of Object.entries(BARS)) {
    const other = roundsOf(call, way);
    const ratios = own.map((times, index) => times.map((time, round) => time / other[index][round]));
    const ratio = median(ratios.flat());
    if (ratio > bar) {
      process.exitCode = 1;
    }
    const verdict = `at most ${bar.toFixed(2)}: ${ratio > bar ? 'MISSED' : 'met'}`;
    say(name(`  ${way}`), ns(other.flat()), ` ratio ${ratio.toFixed(3)} (${range(ratios.map(median), 3)}), ${verdict}`);
  }
}
say();
for (const what of Object.keys(processes[0].hot)) {
  const times = processes.map(({ hot }) => hot[what]);
  say(name(what), ns(times, 1), ` (${range(times, 1)})`);
}
