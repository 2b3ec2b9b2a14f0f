import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

interface Counts {
  readonly bursts: readonly {
    readonly what: string;
    readonly tokenRequests: number;
    readonly failures: readonly string[];
  }[];
  readonly fleets: readonly { readonly what: string; readonly coldStart: number; readonly missed: readonly string[] }[];
}

const run = promisify(execFile);
const bench = fileURLToPath(new URL('../bench/counts.mjs', import.meta.url));

/** The counts, right or wrong. */
async function count(): Promise<Counts> {
  const { stdout } = await run(process.execPath, [bench]).catch((error: { stdout?: string; stderr?: string }) => {
    if (error.stdout?.startsWith('{') !== true) {
      throw new Error(`The bench did not count:\n${error.stderr}`);
    }
    return { stdout: error.stdout };
  });
  return JSON.parse(stdout) as Counts;
}

describe("The bench's scenarios in short", () => {
  it('cost one token request and no failed call each, and a fleet one a rotation and nothing between', async () => {
    const { bursts, fleets } = await count();
    process.stderr.write(`counts: ${JSON.stringify({ bursts, fleets })}\n`);
    expect(bursts).toHaveLength(12);
    expect(bursts).toEqual(bursts.map(({ what }) => ({ what, tokenRequests: 1, failures: [] })));
    expect(fleets.map(({ what, coldStart, missed }) => ({ what, coldStart, missed }))).toEqual([
      { what: '3 instances, fresh', coldStart: 1, missed: [] },
      { what: '3 instances, reuse', coldStart: 1, missed: [] },
    ]);
  }, 240_000);
});
