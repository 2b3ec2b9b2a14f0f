import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RedisServer } from '../support/redis-server.js';
import { elapse } from '../support/until.js';
import { print, withFleet } from './driver/scenario.js';

const OUTAGE_MS = 10_000;
/** The pauses between one instance's attempts without a token: each is drawn from the upper half. */
const SHORTEST_PAUSES_MS = [250, 500, 1_000, 2_000, 2_500, 2_500];

/** How many token requests one instance may make in this time. */
function mostAttempts(elapsedMs: number): number {
  let at = 0;
  return 1 + SHORTEST_PAUSES_MS.filter((pause) => (at += pause) <= elapsedMs).length;
}

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());

describe('The token endpoint', () => {
  it.concurrent('may be down while there is a good token, and no call fails', async () => {
    // The outage begins before the token is renewed and ends shortly before its end.
    await withFleet({ redis: redis.url, simulator: { lifetime: 13 } }, async (fleet) => {
      const load = await fleet.load(40);
      await elapse(1_000);
      await fleet.simulator.ask('setDown', true);
      await elapse(OUTAGE_MS);
      await fleet.simulator.ask('setDown', false);
      await elapse(3_000);
      await fleet.shareOneToken();

      const { calls, failures } = await load.stop();
      const { tokenRequests, tokensIssued } = await fleet.figures();
      print('endpoint down with a good token, 10 s', { 'token requests': tokenRequests, calls });
      expect(failures).toEqual({});
      expect(tokensIssued).toBe(2);
      expect(tokenRequests).toBeLessThanOrEqual(2 + mostAttempts(OUTAGE_MS));
    });
  });

  it.concurrent('that is down without a token is asked no more often by a fleet than by one instance', async () => {
    await withFleet({ redis: redis.url }, async (fleet) => {
      await fleet.simulator.ask('setDown', true);
      const load = await fleet.load(40);
      await elapse(OUTAGE_MS);
      const { tokenRequests, sinceFirstRequestMs } = await fleet.figures();
      await fleet.simulator.ask('setDown', false);
      await fleet.shareOneToken();

      const { calls } = await load.stop();
      const most = mostAttempts(sinceFirstRequestMs);
      print('endpoint down without a token, 10 s', { 'token requests': tokenRequests, 'at most': most, calls });
      expect(tokenRequests).toBeLessThanOrEqual(most);
      expect((await fleet.figures()).tokensIssued).toBe(1);
      expect((await fleet.calls(5)).failures).toEqual({});
    });
  });
});
