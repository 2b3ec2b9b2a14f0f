import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { print } from '../fleet/driver/scenario.js';
import { bundleSimulation } from './bundle.mjs';
import type { CallPlan, InstancePlan, Scenario } from './scenario/scenario.js';

const FOLDER = 'node_modules/.cache/simulation';
const OUTAGE_AT = 70_000;
const LIFETIME_MS = 60_000;

let bundle = '';

interface Outage {
  readonly everyMs: number;
  readonly outageMs: number;
}

/** Three instances, each of which calls once in `everyMs`; Redis is away for a minute or more, across a rotation. */
function scenarioOf({ everyMs, outageMs }: Outage): Scenario {
  const outageEndsAt = OUTAGE_AT + outageMs;
  const instances = [0, 1, 2].map((index): InstancePlan => ({
    name: `i${index}`,
    startAt: index * 100,
    wallOffsetMs: 0,
    rate: 1,
    secretsAt: [],
  }));
  const count = Math.floor(outageMs / everyMs);
  const calls = instances.flatMap(({ name }, index) =>
    Array.from({ length: count }, (_, call): CallPlan => ({
      id: `${name}-${call}`,
      at: OUTAGE_AT + Math.round(((index + 1) / 3 + call) * everyMs),
      instance: name,
      kind: 'get',
    })),
  );
  return {
    seed: 1,
    className: 'redis',
    policy: 'revoke',
    lifetimeMs: LIFETIME_MS,
    cache: 'own',
    hasSealingKey: false,
    redisLatency: { low: 1, high: 3 },
    quiqupLatency: { low: 20, high: 80 },
    instances,
    calls: calls.toSorted((one, other) => one.at - other.at),
    faults: [{ kind: 'redis', mode: 'down', at: OUTAGE_AT, ms: outageMs, restartedWith: 'kept' }],
    calmFrom: outageEndsAt + LIFETIME_MS,
    endsAt: outageEndsAt + 2 * LIFETIME_MS,
  };
}

/** The share of calls that got a 401 in the end, and the token requests in the outage. */
async function outcomeOf(outage: Outage): Promise<{ lost: number; tokenRequests: number }> {
  const scenario = scenarioOf(outage);
  const file = resolve(FOLDER, `outage-${outage.everyMs}-${outage.outageMs}.json`);
  await writeFile(file, JSON.stringify(scenario));
  const args = [bundle, '--scenario', file, '--trace'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
  const trace = stdout.split('\n');
  const accepted = trace.filter((line) => / call \S+ accepted/.test(line)).length;
  const tokenRequests = trace.filter(
    (line) => line.includes('token request of') && Number.parseFloat(line) > OUTAGE_AT,
  ).length;
  return { lost: 1 - accepted / scenario.calls.length, tokenRequests };
}

describe('Where each new token ends the former one, and Redis is away across a rotation', () => {
  beforeAll(async () => {
    // A bundle of its own: another spec writes the shared one meanwhile.
    bundle = await bundleSimulation(resolve(FOLDER, 'outage.mjs'));
  });

  it.each([
    [100, 60_000, 0.4],
    [200, 60_000, 0.4],
    [1_000, 60_000, 0.1],
    [5_000, 60_000, 0],
    [200, 180_000, 0.65],
  ])(
    'three instances with a call each %i ms, for %i ms, lose no more than a share of %f',
    async (everyMs, outageMs, most) => {
      const { lost, tokenRequests } = await outcomeOf({ everyMs, outageMs });
      print(`Redis away for ${outageMs / 1_000} s under revoke, a call each ${everyMs} ms`, {
        'of the calls lost': `${Math.round(lost * 100)} %`,
        'token requests': tokenRequests,
      });
      expect(lost).toBeLessThanOrEqual(most);
    },
  );
});
