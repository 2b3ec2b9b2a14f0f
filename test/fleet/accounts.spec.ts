import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RedisServer } from '../support/redis-server.js';
import { elapse, until } from '../support/until.js';
import { print, withFleet } from './driver/scenario.js';

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());

const oneWithAWrongSecret = (index: number) => (index === 3 ? { clientSecret: 'wrong' } : {});

describe('A secret', () => {
  it.concurrent('is rotated through the fleet, and its two halves do not disturb each other', async () => {
    await withFleet({ redis: redis.url, simulator: { lifetime: 6 } }, async (fleet) => {
      const load = await fleet.load(40);
      await fleet.shareOneToken();
      const [old] = await fleet.tokens();
      const rotate = (index: number): Promise<void> => fleet.instance(index).ask('setSecret', 'rotated');
      const isRotated = async (index: number): Promise<boolean> =>
        (await fleet.instance(index).ask('report')).token !== old;

      await fleet.simulator.ask('setSecret', 'simulated-client', 'rotated');
      await rotate(0);
      await rotate(1);
      await until(async () => (await isRotated(0)) && (await isRotated(1)), 'one half had a token of the new secret');
      expect([await isRotated(2), await isRotated(3)]).toEqual([false, false]);
      await rotate(2);
      await elapse(300);
      await rotate(3);
      await until(async () => (await isRotated(2)) && (await isRotated(3)), 'the other half followed');
      await fleet.shareOneToken();

      const { calls, failures } = await load.stop();
      const { tokenRequests, tokensIssued } = await fleet.figures();
      print('secret rotated', { 'token requests': tokenRequests, tokens: tokensIssued, calls });
      expect(failures).toEqual({});
      expect(tokensIssued).toBe(2);
      // Those with the old secret are refused, once for all of them.
      expect(tokenRequests).toBeLessThanOrEqual(4);
    });
  });

  it.concurrent('that is wrong in one instance disturbs no other', async () => {
    await withFleet({ redis: redis.url, simulator: { lifetime: 4 }, instance: oneWithAWrongSecret }, async (fleet) => {
      const loads = await Promise.all(fleet.instances.map((_, index) => fleet.loadOf(index, 10)));
      await elapse(6_000);

      const [wrong, ...others] = (await Promise.all(loads.map((load) => load.stop()))).toReversed();
      const { tokenRequests, tokensIssued, sinceFirstRequestMs } = await fleet.figures();
      print('one wrong secret', { 'token requests': tokenRequests, tokens: tokensIssued });
      expect(others.map(({ failures }) => failures)).toEqual([{}, {}, {}]);
      expect(wrong?.failures).toEqual({ QUIQUP_CREDENTIALS_REFUSED: wrong?.calls });
      expect(tokensIssued).toBeLessThanOrEqual(1 + Math.floor(sinceFirstRequestMs / 3_000));
      // Refused once, and once more in case that the secret was being rotated.
      expect(tokenRequests - tokensIssued).toBeLessThanOrEqual(2);
    });
  });
});

describe('Two accounts on one Redis', () => {
  it.concurrent('see nothing of each other', async () => {
    const clients = ['dubai', 'riyadh'].map((clientId) => ({ clientId, clientSecret: 'the-same' }));
    const instance = (index: number) => ({ ...clients[index % 2] });
    await withFleet({ redis: redis.url, simulator: { clients }, instance }, async (fleet) => {
      expect((await fleet.calls(50)).failures).toEqual({});
      expect(await fleet.tokens()).toHaveLength(2);
      expect((await fleet.figures()).requestsBy).toEqual({ dubai: 1, riyadh: 1 });

      await fleet.revoke();
      expect((await fleet.calls(50)).failures).toEqual({});
      expect((await fleet.figures()).requestsBy).toEqual({ dubai: 2, riyadh: 2 });

      await fleet.simulator.ask('setSecret', 'dubai', 'rotated');
      await fleet.revoke();
      await fleet.calls(50);
      const [dubai, riyadh] = await Promise.all(
        [0, 1].map((index) => fleet.instance(index).ask('calls', 50, '/api/fulfilment/orders')),
      );
      const { requestsBy } = await fleet.figures();
      print('two accounts', { 'token requests': JSON.stringify(requestsBy) });
      expect(dubai?.failures).toEqual({ 401: 50 });
      expect(riyadh?.failures).toEqual({});
      expect(requestsBy['riyadh']).toBe(3);
    });
  });
});
