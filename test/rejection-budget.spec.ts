import { beforeEach, describe, expect, it } from '@jest/globals';
import { PendingRefund } from '../lib/token/pending-refund.js';
import { RejectionBudget } from '../lib/token/rejection-budget.js';
import type { SharedRecords } from '../lib/token/shared-records.js';
import { ManualClock } from './support/manual-clock.js';

const S = 1_000;

interface Written {
  readonly id: string;
  readonly left: number;
  readonly writtenAt: number;
}

let clock: ManualClock;
let written: Written | undefined;
let budget: RejectionBudget;

/** The budget of one instance. All instances can read its records. */
function budgetOf(name: string): RejectionBudget {
  const records = {
    readBudget: () => Promise.resolve(written),
    writeBudget: ({ id, left }: Written) => {
      written = { id, left, writtenAt: clock.now() };
      return Promise.resolve();
    },
  } as unknown as SharedRecords;
  let ids = 0;
  return new RejectionBudget(records, clock, { next: () => 0, id: () => `${name}-${(ids += 1)}` });
}

const take = async (from = budget, mayOverdraw = false): Promise<boolean> => from.tryTake(mayOverdraw);
const exhaust = async (from = budget): Promise<void> => {
  while (await take(from)) {
    // Until there is none.
  }
};

beforeEach(() => {
  clock = new ManualClock();
  written = undefined;
  budget = budgetOf('one');
});

describe('The budget for the token requests that 401s cause', () => {
  it('has three at once, and then none', async () => {
    expect(budget.isExhausted).toBe(false);
    expect([await take(), await take(), await take(), await take()]).toEqual([true, true, true, false]);
    expect(budget.isExhausted).toBe(true);
  });

  it('has one more after 30 s, and says when', async () => {
    await exhaust();
    expect(budget.nextAt - clock.now()).toBe(30 * S);
    await clock.turn(10 * S);
    expect(budget.nextAt - clock.now()).toBe(20 * S);
    await clock.turn(19_999);
    expect(await take()).toBe(false);
    await clock.turn(1);
    expect([await take(), await take()]).toEqual([true, false]);
  });

  it('has one now where it is not exhausted, and never more than three', async () => {
    expect(budget.nextAt).toBe(clock.now());
    await clock.turn(3_600 * S);
    budget.grant();
    await exhaust();
    await clock.turn(3_600 * S);
    expect([await take(), await take(), await take(), await take()]).toEqual([true, true, true, false]);
  });

  it('fills up in a quarter of the lifetime where that is shorter, from now on', async () => {
    await exhaust();
    await clock.turn(15 * S);
    budget.paceBy(40 * S);
    await clock.turn(4_999);
    expect(budget.isExhausted).toBe(true);
    await clock.turn(1);
    expect(budget.isExhausted).toBe(false);
    budget.paceBy(3_600 * S);
    await exhaust();
    expect(budget.nextAt - clock.now()).toBe(30 * S);
  });

  it('can be overdrawn, without a debt', async () => {
    await exhaust();
    expect([await take(budget, true), await take(budget, true)]).toEqual([true, true]);
    expect(budget.nextAt - clock.now()).toBe(30 * S);
  });

  it('gets nine tenths of a request back when the call is accepted, and all of one that brought nothing', async () => {
    await exhaust();
    await budget.refund();
    expect(budget.isExhausted).toBe(true);
    expect(budget.nextAt - clock.now()).toBeCloseTo(3 * S);
    await budget.untake();
    expect(await take()).toBe(true);
    expect(budget.nextAt - clock.now()).toBeCloseTo(3 * S);
    budget.grant();
    expect(budget.isExhausted).toBe(false);
  });

  it('is one for all instances', async () => {
    const other = budgetOf('two');
    await take();
    await take();
    await other.update();
    expect([await take(other), await take(other)]).toEqual([true, false]);
    expect(budget.isExhausted).toBe(false);
    await budget.update();
    expect(budget.isExhausted).toBe(true);
  });

  it('has filled up since another instance wrote it', async () => {
    const other = budgetOf('two');
    await exhaust();
    await clock.turn(30 * S);
    await other.update();
    expect([await take(other), await take(other)]).toEqual([true, false]);
  });

  it('does not learn twice from a record, nor from its own', async () => {
    const other = budgetOf('two');
    await exhaust();
    budget.grant();
    await budget.update();
    expect(budget.isExhausted).toBe(false);
    await other.update();
    other.grant();
    await other.update();
    expect(other.isExhausted).toBe(false);
  });

  it('refunds what others have left of it', async () => {
    const other = budgetOf('two');
    await exhaust();
    await other.refund();
    expect(other.isExhausted).toBe(true);
    await budget.update();
    expect(budget.nextAt - clock.now()).toBeCloseTo(3 * S);
  });

  it('is reported exhausted once, until a call is accepted or it was full', async () => {
    expect([budget.shouldReport(), budget.shouldReport()]).toEqual([true, false]);
    await budget.refund();
    expect([budget.shouldReport(), budget.shouldReport()]).toEqual([true, false]);
    await take();
    expect(budget.shouldReport()).toBe(true);
    await take();
    expect(budget.shouldReport()).toBe(false);
    await clock.turn(3_600 * S);
    await take();
    expect(budget.shouldReport()).toBe(true);
  });
});

const isRefunded = (): boolean => !budget.isExhausted;

describe('The refund of a request', () => {
  let refund: PendingRefund;

  /** The budget has a tenth of a request left, so that a refund makes it one. */
  beforeEach(async () => {
    refund = new PendingRefund(budget, clock);
    await exhaust();
    await clock.turn(3 * S);
    expect(isRefunded()).toBe(false);
  });

  it('is paid once the call is accepted that is sent again, and once only', async () => {
    refund.expect('a-token', true);
    refund.pay('another');
    await clock.turn(0);
    expect(isRefunded()).toBe(false);
    refund.pay('a-token');
    await clock.turn(0);
    expect([await take(), await take()]).toEqual([true, false]);
    refund.pay('a-token');
    await clock.turn(3 * S);
    expect(isRefunded()).toBe(false);
  });

  it('is not paid for another call while that one is on its way', async () => {
    refund.expect('a-token', true);
    refund.seeAccepted('a-token');
    refund.seeHandedOut('a-token');
    await clock.turn(2 * S);
    refund.seeRefused('a-token');
    expect(isRefunded()).toBe(false);
    refund.pay('a-token');
    await clock.turn(0);
    expect(isRefunded()).toBe(true);
  });

  it('is cancelled when the call is refused again, and with that token only', async () => {
    refund.expect('a-token', true);
    refund.cancel('another');
    refund.cancel('a-token');
    refund.pay('a-token');
    await clock.turn(0);
    expect(isRefunded()).toBe(false);
    refund.expect('a-token', true);
    refund.cancel('another');
    refund.pay('a-token');
    await clock.turn(0);
    expect(isRefunded()).toBe(true);
  });

  it('of a call that is not sent again is paid once another is accepted with the token', async () => {
    refund.expect('a-token', false);
    refund.seeAccepted('another');
    await clock.turn(0);
    expect(isRefunded()).toBe(false);
    refund.seeAccepted('a-token');
    await clock.turn(0);
    expect(isRefunded()).toBe(true);
  });

  it.each([
    [1_001, true],
    [1_000, false],
  ])(
    'of a call that is not sent again, where the token was good for %d ms before it was refused: %p',
    async (ms, isPaid) => {
      refund.expect('a-token', false);
      refund.seeHandedOut('another');
      refund.seeHandedOut('a-token');
      await clock.turn(ms - 500);
      refund.seeHandedOut('a-token');
      refund.seeRefused('another');
      await clock.turn(500);
      refund.seeRefused('a-token');
      await clock.turn(0);
      expect(isRefunded()).toBe(isPaid);
      // It was for that request in every case.
      refund.pay('a-token');
      await clock.turn(0);
      expect(isRefunded()).toBe(isPaid);
    },
  );

  it('is none where the token was never handed out, or nothing is expected', async () => {
    refund.expect('a-token', false);
    await clock.turn(2 * S);
    refund.seeRefused('a-token');
    const fresh = new PendingRefund(budget, clock);
    fresh.pay('a-token');
    fresh.cancel('a-token');
    fresh.seeAccepted('a-token');
    fresh.seeHandedOut('a-token');
    fresh.seeRefused('a-token');
    await clock.turn(0);
    expect(isRefunded()).toBe(false);
  });
});
