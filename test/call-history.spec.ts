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
    expect(history.refuse(CALL, 'token-1', 0)).toBe('unknown');
    expect(history.refuse(CALL, 'token-1', 0)).toBe('unknown');
  });

  it('blames the token for a kind that was accepted, for all calls that it was refused for', () => {
    history.accept(CALL, 0);
    expect([history.refuse(CALL, 'token-1', 1), history.refuse(CALL, 'token-1', 2)]).toEqual(['accepted', 'accepted']);
    history.accept(CALL, 3);
    expect(history.refuse(CALL, 'token-2', 4)).toBe('accepted');
  });

  it('blames the call that is refused with two tokens in a row', () => {
    history.accept(CALL, 0);
    history.refuse(CALL, 'token-1', 1);
    expect(history.refuse(CALL, 'token-2', 2)).toBe('denied');
    expect(history.refuse('get https://host/ /labels', 'token-2', 2)).toBe('unknown');
  });

  it('trusts a kind that was denied again 10 minutes after it was refused last', () => {
    history.deny(CALL, 0);
    expect(history.refuse(CALL, 'token-1', MINUTE)).toBe('denied');
    history.accept(CALL, 11 * MINUTE - 1);
    expect(history.refuse(CALL, 'token-2', 11 * MINUTE - 1)).toBe('denied');
    history.accept(CALL, 22 * MINUTE);
    expect(history.refuse(CALL, 'token-3', 22 * MINUTE)).toBe('accepted');
  });

  it('remembers the last thousand kinds', () => {
    history.accept(CALL, 0);
    for (let index = 0; index < 1_000; index += 1) {
      history.accept(`get https://host/ /other-${index}`, 0);
    }
    expect(history.refuse(CALL, 'token-1', 0)).toBe('unknown');
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
});
