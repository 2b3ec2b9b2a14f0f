import { describe, expect, it } from '@jest/globals';
import { eraseAuthorization, snapshotOf } from '../lib/http/request-snapshot.js';

const TOKEN = 'a-token';
const HEAD = 'GET /orders HTTP/1.1\r\nHost: api\r\nAuthorization: Bearer a-token\r\nAccept: */*\r\n\r\n';
const HEAD_WITHOUT = 'GET /orders HTTP/1.1\r\nHost: api\r\nAccept: */*\r\n\r\n';

type Fields = Record<PropertyKey, unknown>;

const erased = (request: Fields): Fields => {
  eraseAuthorization(request);
  return request;
};

/** As Node describes the symbols under which it keeps headers. */
const KEPT_UNDER = ['kOutHeaders', 'requestOptions', 'connect-options'].map((name) => Symbol(name));

describe('The snapshot of a native request', () => {
  it('has what tells one call from another, and nothing else', () => {
    const request = {
      method: 'GET',
      protocol: 'https:',
      host: 'api',
      path: '/orders',
      _header: HEAD,
      agent: { sockets: {} },
      res: { statusCode: 200, responseUrl: 'https://api/orders', headers: { 'set-cookie': 'x' } },
    };
    expect(snapshotOf(request)).toEqual({
      method: 'GET',
      protocol: 'https:',
      host: 'api',
      path: '/orders',
      res: { statusCode: 200, responseUrl: 'https://api/orders' },
    });
  });

  it('leaves out what is missing or no text', () => {
    expect(Object.keys(snapshotOf({ method: 'GET', host: { toString: () => 'api' }, path: 7 }))).toEqual(['method']);
    expect(Object.keys(snapshotOf({}))).toEqual([]);
  });

  it.each<[string, Fields, Fields | undefined]>([
    ['of the request', { res: { statusCode: 200 } }, { statusCode: 200 }],
    ['of the request that a redirect led to', { _currentRequest: { res: { statusCode: 201 } } }, { statusCode: 201 }],
    ['of a stream that is both', { statusCode: 204 }, { statusCode: 204 }],
    ['of a call that never ended', { res: null, _currentRequest: null }, undefined],
    ['of a request that a text stands for', { res: 'a text', _currentRequest: 'another' }, undefined],
    ['with an address alone', { res: { responseUrl: 'https://api/' } }, { responseUrl: 'https://api/' }],
    ['with fields of other types', { res: { statusCode: '200', responseUrl: new URL('https://api/') } }, undefined],
  ])('has the response %s', (_, request, response) => {
    const snapshot = snapshotOf(request);
    expect(snapshot.res).toEqual(response);
    expect(Object.keys(snapshot.res ?? {})).toEqual(Object.keys(response ?? {}));
    expect('res' in snapshot).toBe(response !== undefined);
  });
});

const kept = (): Fields => ({ authorization: ['Authorization', TOKEN], headers: { Authorization: TOKEN } });

describe('The token of a request that was sent', () => {
  it.each([
    ['as Node writes it', HEAD],
    ['in lower case', HEAD.replace('Authorization', 'authorization')],
    ['in another case', HEAD.replace('Authorization', 'AUTHORIZATION')],
  ])('leaves the head of the request: %s', (_, head) => {
    expect(erased({ _header: head })['_header']).toBe(HEAD_WITHOUT);
  });

  it.each([
    ['that has none', HEAD_WITHOUT],
    ['with a header that ends like it', HEAD.replace('Authorization', 'Proxy-Authorization')],
    ['of another type', 7],
  ])('leaves a head as it is %s', (_, head) => {
    expect(erased({ _header: head })['_header']).toBe(head);
  });

  it('leaves what is queued for the socket', () => {
    const request = erased({ outputData: [{ data: HEAD }, { data: 'a body' }, { data: Buffer.from(HEAD_WITHOUT) }] });
    expect(request['outputData']).toEqual([
      { data: HEAD_WITHOUT },
      { data: 'a body' },
      { data: Buffer.from(HEAD_WITHOUT) },
    ]);
    expect(erased({ outputData: 'a text' })['outputData']).toBe('a text');
  });

  it('leaves the options of follow-redirects, in either form', () => {
    const request = erased({ _options: { Authorization: TOKEN, headers: { authorization: TOKEN, accept: '*/*' } } });
    expect(request['_options']).toEqual({ headers: { accept: '*/*' } });
  });

  it.each(KEPT_UNDER)('leaves what is kept under %s, of the request and of its TLS socket', (symbol) => {
    const socket: Fields = { encrypted: true, [symbol]: kept() };
    const request = erased({ [symbol]: kept(), socket });
    expect(request[symbol]).toEqual({ headers: {} });
    expect(socket[symbol]).toEqual({ headers: {} });
  });

  it('is not looked for on a plain socket, nor under other symbols', () => {
    const other = Symbol('other');
    const socket: Fields = { [KEPT_UNDER[0] as symbol]: { authorization: TOKEN } };
    const request = erased({ [other]: { authorization: TOKEN }, socket });
    expect(socket[KEPT_UNDER[0] as symbol]).toEqual({ authorization: TOKEN });
    expect(request[other]).toEqual({ authorization: TOKEN });
  });

  it('leaves each request of a chain of redirects, from either end', () => {
    const current: Fields = { _header: HEAD };
    const redirectable: Fields = { _options: { headers: { Authorization: TOKEN } }, _currentRequest: current };
    eraseAuthorization(redirectable);
    expect(current['_header']).toBe(HEAD_WITHOUT);
    expect(redirectable['_options']).toEqual({ headers: {} });

    const first: Fields = { _header: HEAD };
    const last: Fields = { _header: HEAD };
    const between: Fields = { _options: { headers: { Authorization: TOKEN } }, _currentRequest: last };
    eraseAuthorization(Object.assign(first, { _redirectable: between }));
    expect([first['_header'], last['_header'], between['_options']]).toEqual([
      HEAD_WITHOUT,
      HEAD_WITHOUT,
      { headers: {} },
    ]);
  });

  it('leaves a request that leads to itself', () => {
    const request: Fields = { _header: HEAD };
    request['_redirectable'] = { _currentRequest: request };
    expect(erased(request)['_header']).toBe(HEAD_WITHOUT);
  });

  it('is taken out of any number of requests, however many symbols there are', () => {
    for (let made = 0; made < 300; made += 1) {
      eraseAuthorization({ [Symbol(`one of ${made}`)]: {} });
    }
    const late = Symbol('kOutHeaders');
    expect(erased({ [late]: { authorization: TOKEN } })[late]).toEqual({});
  });

  it('is no reason to fail when there is nothing to look through', () => {
    const odd = {
      socket: null,
      _redirectable: 'a text',
      _currentRequest: 1,
      _options: null,
      outputData: [{ data: 1 }],
    };
    expect(() => eraseAuthorization(odd)).not.toThrow();
  });
});
