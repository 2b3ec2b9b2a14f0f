import { beforeEach, describe, expect, it } from '@jest/globals';
import { kindOfCall } from '../lib/http/call-kind.js';
import { CallHistory } from '../lib/token/call-history.js';

const MINUTE = 60_000;
const CALL = 'get https://host/ /orders';

let history: CallHistory;

beforeEach(() => {
  history = new CallHistory();
});

describe('The history of calls', () => {
  it('knows nothing of a kind that is new', () => {
    expect([history.refuse(CALL, 0, 1), history.refuse(CALL, 0, 2)]).toEqual(['unknown', 'unknown']);
  });

  it('blames the token for a kind that was accepted, for all calls that it was refused for', () => {
    history.accept(CALL, 1);
    expect([history.refuse(CALL, 0, 2), history.refuse(CALL, 0, 3)]).toEqual(['accepted', 'accepted']);
    history.accept(CALL, 4);
    expect(history.refuse(CALL, 3, 5)).toBe('accepted');
  });

  it('blames the call that is refused with a token that was requested after it had been refused', () => {
    history.accept(CALL, 1);
    history.refuse(CALL, 0, 2);
    expect(history.refuse(CALL, 3, 4)).toBe('denied');
    expect(history.refuse('get https://host/ /labels', 3, 4)).toBe('unknown');
  });

  it('blames the tokens where two were revoked at once', () => {
    history.accept(CALL, 3);
    expect([history.refuse(CALL, 0, 4), history.refuse(CALL, 2, 5)]).toEqual(['accepted', 'accepted']);
  });

  it('trusts a kind that was denied again 10 minutes after it was refused last', () => {
    history.deny(CALL, 0);
    expect(history.refuse(CALL, 0, MINUTE)).toBe('denied');
    history.accept(CALL, 11 * MINUTE - 1);
    expect(history.refuse(CALL, 0, 11 * MINUTE - 1)).toBe('denied');
    history.accept(CALL, 22 * MINUTE);
    expect(history.refuse(CALL, 0, 22 * MINUTE)).toBe('accepted');
  });

  it('takes no room for kinds that it has not met: each account has one', () => {
    const before = process.memoryUsage().heapUsed;
    const histories = Array.from({ length: 2_000 }, () => new CallHistory());
    const bytes = (process.memoryUsage().heapUsed - before) / histories.length;
    expect(bytes).toBeLessThan(8_000);
  });

  it('remembers the last thousand kinds', () => {
    history.accept(CALL, 0);
    for (let index = 0; index < 1_000; index += 1) {
      history.accept(`get https://host/ /other-${index}`, 0);
    }
    expect(history.refuse(CALL, 0, 1)).toBe('unknown');
  });
});

describe('The kind of a call', () => {
  it.each([
    ['/orders/42', '/orders/:id'],
    ['/orders/42/ready_for_collection', '/orders/:id/ready_for_collection'],
    ['/orders/8f14e45f-ceea/parcels?page=2', '/orders/:id/parcels'],
    ['/api/fulfilment/inventory/SKU-1#top', '/api/fulfilment/inventory/:id'],
    ['/api/fulfilment/inventory/blue%20shirt', '/api/fulfilment/inventory/:id'],
    ['/api/fulfilment/slots/available', '/api/fulfilment/slots/available'],
    ['/orders/abcdefghijklmnopqrstuvwxyz', '/orders/:id'],
  ])('of %s is without what differs from call to call', (url, kind) => {
    const call = { method: 'get', baseURL: 'https://host', url } as Parameters<typeof kindOfCall>[0];
    expect(kindOfCall(call)).toBe(`get https://host ${kind}`);
  });

  it('is a GET of the root where a call says nothing else', () => {
    expect(kindOfCall({} as Parameters<typeof kindOfCall>[0])).toBe('get  ');
  });
});
