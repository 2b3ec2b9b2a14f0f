import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import axios, { type AxiosInstance } from 'axios';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { eventually } from './support/eventually.js';

const GRANT = { client_id: 'simulated-client', client_secret: 'simulated-secret', grant_type: 'client_credentials' };
const NOT_FOUND = { code: 'not_found', message: 'endpoint not found', details: null };
const LAST_MILE_NOT_FOUND = {
  error: 'endpoint not found',
  errors: [{ detail: 'endpoint not found' }],
  error_details: null,
  api_error: {
    id: 'not_found',
    code: 'not_found',
    message: 'endpoint not found',
    human: 'endpoint not found',
    http_status_code: 404,
    attribute_errors: [],
  },
};

let simulator: QuiqupSimulator;
let platform: AxiosInstance;
let lastMile: AxiosInstance;
const tokenFrom = async (url: string, fields: object = {}): Promise<string> =>
  (await axios.post<{ access_token: string }>(`${url}oauth/token`, { ...GRANT, ...fields })).data.access_token;
const clientOf = (baseURL: string, token: string): AxiosInstance =>
  axios.create({ baseURL, headers: { Authorization: `Bearer ${token}` }, validateStatus: null });
const ask = (fields: object | undefined, config = {}) =>
  axios.post(`${simulator.lastMileUrl}oauth/token`, fields, { validateStatus: null, ...config });
const portOf = (url: string): number => Number(new URL(url).port);

beforeEach(async () => {
  const second = { clientId: 'second', clientSecret: 'its-secret' };
  simulator = new QuiqupSimulator();
  simulator.addClient(second);
  await simulator.start();
  platform = clientOf(simulator.url, await tokenFrom(simulator.lastMileUrl));
  lastMile = clientOf(simulator.lastMileUrl, await tokenFrom(simulator.url));
});
afterEach(() => simulator.stop());

describe('The platform', () => {
  it.each([
    ['GET', '/orders'],
    ['POST', '/orders'],
    ['GET', '/order_label/1'],
    ['GET', '//api/fulfilment/orders'],
    ['GET', '/v2/api/fulfilment/orders'],
    ['GET', '/api/fulfilment/orders/'],
    ['GET', '/api/fulfilment/orders/1/2'],
    ['DELETE', '/api/fulfilment/orders'],
    ['GET', '/oauth/token'],
    ['POST', '/prefix/oauth/token'],
  ])('has no %s %s, with or without a token', async (method, path) => {
    const url = simulator.url.slice(0, -1) + path;
    for (const http of [platform, axios]) {
      const answer = await http.request({ method, url, validateStatus: null });
      expect([answer.status, answer.data]).toEqual([404, NOT_FOUND]);
    }
    expect(simulator.counters.unauthorized).toBe(0);
  });

  it('takes orders, one for each request, and gives them back', async () => {
    const fields = { partner_order_id: 'A-1', items: [{ sku: 'SKU-1', quantity: 2 }] };
    const first = await platform.post('/api/fulfilment/orders', fields);
    const second = await platform.post('/api/fulfilment/orders?x=1', { ...fields, id: 9, state: 'delivered' });
    expect([first.status, first.data]).toEqual([201, { id: 1, state: 'pending', ...fields }]);
    expect([second.status, second.data]).toEqual([201, { ...first.data, id: 2 }]);
    const third = await platform.post('/api/fulfilment/orders', 'no JSON');
    expect([third.status, third.data]).toEqual([201, { id: 3, state: 'pending', partner_order_id: null }]);
    expect((await platform.get('/api/fulfilment/orders')).data).toEqual([first.data, second.data, third.data]);
    expect((await platform.get('/api/fulfilment/orders/2')).data).toEqual(second.data);
    expect(await platform.get('/api/fulfilment/orders/%E0')).toMatchObject({
      status: 404,
      data: { code: 'not_found', message: 'order not found' },
    });
    expect(simulator.counters.orders).toBe(3);
  });

  it('has products, inventory, inbound bookings and slots', async () => {
    expect((await platform.get('/api/fulfilment/inventory')).data).toEqual([]);
    const products = [{ sku: 'SKU-1', quantity: 100 }, { sku: 'a b' }];
    for (const product of products) {
      expect(await platform.post('/api/fulfilment/products', product)).toMatchObject({ status: 201 });
    }
    expect((await platform.get('/api/fulfilment/products')).data).toEqual([
      { id: 1, sku: 'SKU-1', quantity: 100 },
      { id: 2, sku: 'a b' },
    ]);
    const stock = [
      { sku: 'SKU-1', quantity: 100 },
      { sku: 'a b', quantity: 0 },
    ];
    expect((await platform.get('/api/fulfilment/inventory')).data).toEqual(stock);
    expect((await platform.get('/api/fulfilment/inventory/a%20b')).data).toEqual(stock[1]);
    expect((await platform.get('/api/fulfilment/inventory/none')).data).toMatchObject({ message: 'sku not found' });
    const slots = (await platform.get<{ from: string }[]>('/api/fulfilment/slots/available')).data;
    expect(slots.every(({ from }) => Date.parse(from) > Date.now())).toBe(true);
    expect(await platform.post('/api/fulfilment/inbound/book', { slot: slots[0] })).toMatchObject({
      status: 201,
      data: { id: 1, slot: slots[0] },
    });
  });
});

describe('The last mile', () => {
  it.each([
    ['GET', '/api/fulfilment/orders'],
    ['GET', '//orders'],
    ['GET', '/x/orders'],
    ['POST', '/orders/1/ready_for_collection'],
  ])('has no %s %s', async (method, url) => {
    const answer = await lastMile.request({ method, url: simulator.lastMileUrl.slice(0, -1) + url });
    expect([answer.status, answer.data]).toEqual([404, LAST_MILE_NOT_FOUND]);
  });

  it('has an order collected, which cannot be taken back', async () => {
    const order = { partner_order_id: 'A-1', id: 1 };
    expect((await lastMile.post('/orders', { partner_order_id: 'A-1' })).data).toEqual({ ...order, state: 'pending' });
    const ready = { ...order, state: 'ready_for_collection' };
    expect(await lastMile.put('/orders/1/ready_for_collection')).toMatchObject({ status: 200, data: ready });
    const refused = await lastMile.put('/orders/batch/set_cancelled', { order_ids: [1] });
    expect(refused).toMatchObject({ status: 409, data: { api_error: { http_status_code: 409, code: 'conflict' } } });
    expect((await lastMile.get('/orders/1')).data).toEqual(ready);
  });

  it('cancels all orders of a batch, or none', async () => {
    for (const partner_order_id of ['a', 'b', 'c']) {
      await lastMile.post('/orders', { partner_order_id });
    }
    await lastMile.put('/orders/3/ready_for_collection');
    for (const [ids, status] of [
      [[1, 3], 409],
      [[1, 4], 404],
    ] as const) {
      expect((await lastMile.put('/orders/batch/set_cancelled', { order_ids: ids })).status).toBe(status);
      expect((await lastMile.get('/orders/1')).data).toMatchObject({ state: 'pending' });
    }
    expect((await lastMile.put('/orders/batch/set_cancelled', [1, '2'])).data).toMatchObject([
      { id: 1, state: 'cancelled' },
      { id: 2, state: 'cancelled' },
    ]);
    expect((await lastMile.put('/orders/1/ready_for_collection')).status).toBe(409);
    expect((await lastMile.put('/orders/batch/set_cancelled')).data).toEqual([]);
  });

  it('has the parcels of an order, and exports it', async () => {
    await lastMile.post('/orders', {});
    await lastMile.post('/orders', {});
    const parcel = { id: 1, order_id: 2, weight: 3 };
    expect(await lastMile.post('/orders/2/parcels', { weight: 3 })).toMatchObject({ status: 201, data: parcel });
    expect((await lastMile.get('/orders/2/parcels')).data).toEqual([parcel]);
    expect((await lastMile.get('/orders/1/parcels')).data).toEqual([]);
    expect(await lastMile.put('/orders/export/2')).toMatchObject({ status: 200, data: { id: 2 } });
  });

  it('streams the label of an order as a PDF', async () => {
    await lastMile.post('/orders', {});
    const { headers, data } = await lastMile.get<AsyncIterable<Buffer>>('/order_label/1', { responseType: 'stream' });
    const chunks: Buffer[] = [];
    for await (const chunk of data) {
      chunks.push(chunk);
    }
    expect(headers).toMatchObject({ 'content-type': 'application/pdf', 'transfer-encoding': 'chunked' });
    expect(chunks.length).toBeGreaterThan(1);
    const pdf = Buffer.concat(chunks).toString('latin1');
    expect(pdf).toMatch(/^%PDF-1\.4\n[^]*Order 1[^]*%%EOF\n$/);
    // The objects are at the offsets of the cross-reference table.
    expect(pdf.slice(Number(/startxref\n(\d+)/.exec(pdf)?.[1]))).toMatch(/^xref/);
    for (const [index, [, offset]] of [...pdf.matchAll(/^(\d{10}) 00000 n /gm)].entries()) {
      expect(pdf.slice(Number(offset))).toMatch(new RegExp(`^${index + 1} 0 obj`));
    }
  });

  it('keeps the orders of each client, and of each API, apart', async () => {
    await lastMile.post('/orders', {});
    const other = { client_id: 'second', client_secret: 'its-secret' };
    const second = clientOf(simulator.lastMileUrl, await tokenFrom(simulator.url, other));
    for (const url of ['/orders/1', '/orders/1/parcels', '/order_label/1']) {
      expect(await second.get(url)).toMatchObject({ status: 404, data: { error: 'order not found' } });
    }
    expect((await second.get('/orders')).data).toEqual([]);
    expect((await platform.get('/api/fulfilment/orders')).data).toEqual([]);
  });
});

describe('A failure without a body', () => {
  const fields = [{ field: 'quantity', message: 'must be above 0' }];

  it.each([
    [400, 'invalid_argument'],
    [401, 'unauthenticated'],
    [403, 'permission_denied'],
    [409, 'already_exists'],
    [422, 'invalid_argument'],
    [429, 'resource_exhausted'],
    [500, 'internal'],
    [502, 'unknown'],
    [503, 'unavailable'],
  ])('has the shape of what it hits: %d', async (status, code) => {
    simulator.failNext({ status, message: 'of the test', times: 2 });
    const ofPlatform = await platform.get('/api/fulfilment/inventory');
    expect([ofPlatform.status, ofPlatform.data]).toEqual([status, { code, message: 'of the test', details: null }]);
    const ofLastMile = await lastMile.get('/orders');
    expect(ofLastMile).toMatchObject(
      status === 401
        ? { status, data: '' }
        : { status, data: { error: 'of the test', api_error: { code, http_status_code: status } } },
    );
    for (const { headers } of [ofPlatform, ofLastMile]) {
      expect(headers['www-authenticate'] !== undefined).toBe(status === 401);
    }
  });

  it('says which fields are wrong', async () => {
    simulator.failNext({ status: 422, on: 'resource', fields, times: 2 });
    expect((await platform.post('/api/fulfilment/orders', {})).data).toMatchObject({ details: { fields } });
    expect((await lastMile.post('/orders', {})).data).toMatchObject({
      errors: [{ detail: 'quantity must be above 0' }],
      api_error: { attribute_errors: fields },
    });
    expect(simulator.counters.orders).toBe(0);
  });

  it('meets the next request, whatever it is, unless it says which', async () => {
    simulator.failNext({ status: 500 });
    expect((await platform.get('/api/fulfilment/orders')).status).toBe(500);
    simulator.failNext({ status: 500 });
    await expect(tokenFrom(simulator.url)).rejects.toMatchObject({ status: 500 });
    simulator.failNext({ status: 500, on: 'token' });
    expect((await platform.get('/api/fulfilment/orders')).status).toBe(200);
    await expect(tokenFrom(simulator.url)).rejects.toMatchObject({ status: 500 });
    simulator.failNext({ status: 500, on: 'resource' });
    await tokenFrom(simulator.url);
    expect((await lastMile.get('/orders')).status).toBe(500);
  });

  it.each(['failNext', 'alterNext', 'drop', 'stall', 'drip'] as const)('%s throws for an unknown target', (fault) => {
    const scope = { on: 'call' as 'token', status: 500 };
    const make = (): void =>
      fault === 'stall' || fault === 'drip' ? simulator[fault](1, scope) : simulator[fault](scope);
    expect(make).toThrow(RangeError);
    expect(make).toThrow("on must be 'token' or 'resource', or left out for the next request; it is 'call'.");
  });

  it('is empty where it is told so, and below 400', async () => {
    simulator.failNext({ status: 503, body: '' });
    simulator.failNext({ status: 204 });
    for (const status of [503, 204]) {
      const answer = await platform.get('/api/fulfilment/orders');
      expect([answer.status, answer.data, answer.headers['content-type']]).toEqual([status, '', undefined]);
    }
  });
});

describe('Token requests on both origins', () => {
  it('take query parameters, which the body overrides and no record shows', async () => {
    const asked = await ask(undefined, { params: { ...GRANT, client_secret: 'simulated-secret' } });
    expect(asked.status).toBe(200);
    expect((await ask({ client_secret: 'wrong' }, { params: GRANT })).status).toBe(401);
    expect(
      (await ask({ client_secret: GRANT.client_secret }, { params: { ...GRANT, client_secret: 'x' } })).status,
    ).toBe(200);
    expect(simulator.calls.at(-1)).toMatchObject({ api: 'last-mile', path: '/oauth/token', kind: 'token' });
    expect(JSON.stringify(simulator.calls)).not.toContain('simulated-secret');
  });

  it.each([
    [{ ...GRANT, client_secret: 'wrong' }, 401, 'unauthenticated'],
    [{ ...GRANT, grant_type: undefined }, 400, 'invalid_argument'],
    [{ ...GRANT, grant_type: 'password' }, 400, 'invalid_argument'],
    [{ ...GRANT, grant_type: 'refresh_token' }, 400, 'failed_precondition'],
  ])("are refused in Quiqup's own shape if told so: %j", async (fields, status, code) => {
    simulator.tokenErrors = 'quiqup';
    const answer = await ask(fields);
    expect([answer.status, answer.data]).toEqual([status, { code, message: expect.any(String), details: null }]);
    simulator.failNext({ status: 403 });
    expect((await ask(fields)).data).toMatchObject({ code: 'permission_denied' });
  });

  it('bring JWTs of some 600 characters with claims if told so', async () => {
    simulator.tokenFormat = 'jwt';
    const tokens = [await tokenFrom(simulator.url), await tokenFrom(simulator.url)] as const;
    expect(tokens[0]).not.toBe(tokens[1]);
    for (const token of tokens) {
      expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
      expect(Math.abs(token.length - 600)).toBeLessThan(50);
      const [, claims = ''] = token.split('.');
      expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
        email: expect.any(String),
        firstName: expect.any(String),
        orgID: expect.any(Number),
      });
      expect((await clientOf(simulator.url, token).get('/api/fulfilment/inventory')).status).toBe(200);
    }
  });
});

describe('The origins', () => {
  it('are known once it has started, and stay', async () => {
    const fresh = new QuiqupSimulator();
    expect('lastMileUrl' in fresh).toBe(true);
    expect(() => fresh.lastMileUrl).toThrow('await simulator.start() first');
    const { url, lastMileUrl } = simulator;
    await simulator.stop();
    await simulator.start();
    expect([simulator.url, simulator.lastMileUrl]).toEqual([url, lastMileUrl]);
    expect(url).not.toBe(lastMileUrl);
  });

  it('are both served, or neither is', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address() as { port: number };
    free.close();
    await once(free, 'close');
    const late = new QuiqupSimulator({ port, lastMilePort: portOf(simulator.lastMileUrl) });
    await expect(late.start()).rejects.toMatchObject({ code: 'EADDRINUSE', port: portOf(simulator.lastMileUrl) });
    await expect(axios.get(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await simulator.stop();
    await late.start();
    expect(late.lastMileUrl).toBe(simulator.lastMileUrl);
    await late.stop();
  });
});

describe('onCall', () => {
  it('hears of each request once, when its response was sent or its connection ended', async () => {
    const seen: string[] = [];
    const watched = new QuiqupSimulator({
      onCall: ({ api, method, path, status }) => void seen.push(`${api} ${method} ${path} ${status}`),
    });
    await watched.start();
    await tokenFrom(watched.url);
    await axios.get(`${watched.lastMileUrl}orders`, { validateStatus: null });
    watched.drop();
    await axios.get(`${watched.url}api/fulfilment/orders`).catch(() => undefined);
    watched.stall(Infinity);
    await axios.get(`${watched.url}api/fulfilment/inventory`, { timeout: 50 }).catch(() => undefined);
    await watched.stop();
    await eventually(() => seen.length === 4, 'every request had ended');
    expect(seen).toEqual([
      'platform POST /oauth/token 200',
      'last-mile GET /orders 401',
      'platform GET /api/fulfilment/orders 0',
      'platform GET /api/fulfilment/inventory 0',
    ]);
  });
});
