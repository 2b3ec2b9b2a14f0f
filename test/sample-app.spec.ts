import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import axios, { type AxiosInstance } from 'axios';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { fileURLToPath } from 'node:url';
import { Program } from './support/program.js';
import { until } from './support/until.js';

const MAIN = fileURLToPath(new URL('../sample-app/dist/main.js', import.meta.url));

let simulator: QuiqupSimulator;
let app: Program;
let api: AxiosInstance;

beforeAll(async () => {
  simulator = await new QuiqupSimulator().start();
  const [client] = simulator.clients;
  app = new Program(MAIN, {
    NO_COLOR: '1',
    PORT: '0',
    QUIQUP_BASE_URL: simulator.url,
    QUIQUP_LAST_MILE_URL: simulator.lastMileUrl,
    QUIQUP_CLIENT_ID: client?.clientId ?? '',
    QUIQUP_CLIENT_SECRET: client?.clientSecret ?? '',
  });
  const baseURL = await app.says(/Listening on (\S+)\n/);
  api = axios.create({ baseURL, validateStatus: () => true, proxy: false });
});
afterAll(async () => {
  app.signal('SIGTERM');
  await app.ending;
  await simulator.stop();
});

describe('The sample app', () => {
  it('creates and lists orders of both APIs', async () => {
    const order = await api.post<{ id: number }>('/orders', { partner_order_id: 'one' });
    expect([order.status, (await api.get<unknown[]>('/orders')).data]).toEqual([
      201,
      [expect.objectContaining({ id: order.data.id })],
    ]);
    expect((await api.get('/inventory')).status).toBe(200);
    const { data: delivery } = await api.post<{ id: number }>('/deliveries', { partner_order_id: 'one' });
    expect((await api.get(`/deliveries/${delivery.id}`)).data).toMatchObject({ id: delivery.id });
    const label = await api.get<Buffer>(`/deliveries/${delivery.id}/label`, { responseType: 'arraybuffer' });
    expect(label.headers['content-type']).toBe('application/pdf');
    expect(label.data.subarray(0, 4).toString()).toBe('%PDF');
  });

  it('is healthy', async () => {
    await until(async () => (await api.get('/health')).status === 200, 'the first token is there');
    expect((await api.get('/health')).data).toMatchObject({ status: 'ok', info: { quiqup: { status: 'up' } } });
  });

  it('recovers when Quiqup revokes the token', async () => {
    simulator.revokeAll();
    expect((await api.get('/inventory')).status).toBe(200);
    expect(simulator.counters.unauthorized).toBe(1);
  });

  it("passes Quiqup's status on where it concerns the caller", async () => {
    expect(await api.get('/deliveries/unknown')).toMatchObject({
      status: 404,
      data: { statusCode: 404, message: 'Quiqup did not accept this request.' },
    });
  });
});
