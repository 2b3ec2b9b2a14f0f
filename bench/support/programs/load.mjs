// One client under a steady load, in a process of its own.
import { setTimeout as pause } from 'node:timers/promises';
import { serveCommands, tell } from '../../../test/fleet/programs/commands.mjs';
import { createClient } from '../../clients/index.mjs';

/** In ms. A call without an answer by then has failed. */
const PATIENCE = 10_000;

const { name, server } = JSON.parse(process.argv[2]);
const client = await createClient(name, server);

/**
 * Calls at fixed times, independent of earlier calls. A latency counts from when the call was due: one that had to
 * wait because the process was busy has waited.
 */
async function run({ ratePerSecond, seconds, startAt, phase }) {
  const period = 1_000 / ratePerSecond;
  const count = Math.round(ratePerSecond * seconds);
  const latencies = new Float32Array(count).fill(Number.NaN);
  const failures = {};
  const origin = performance.now() + (startAt - Date.now()) + phase * period;
  const call = async (index, due) => {
    try {
      await Promise.race([client.get('api/fulfilment/orders'), late()]);
      latencies[index] = performance.now() - due;
    } catch (error) {
      const reason = String(error.response?.status ?? error.code ?? error.message);
      failures[reason] = (failures[reason] ?? 0) + 1;
    }
  };
  const calls = [];
  for (let index = 0; index < count; index += 1) {
    const due = origin + index * period;
    const wait = due - performance.now();
    if (wait > 0) {
      await pause(wait);
    }
    calls.push(call(index, due));
  }
  await Promise.all(calls);
  return { latencies, failures, count };
}

async function late() {
  await pause(PATIENCE, undefined, { ref: false });
  throw new Error('NOT_ANSWERED');
}

serveCommands({ warmUp: () => client.get('api/fulfilment/orders').then(() => undefined), run });
tell('ready');
