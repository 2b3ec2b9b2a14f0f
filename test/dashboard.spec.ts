import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { request } from 'node:http';
import { Frames } from './support/frames.js';
import { RedisServer } from './support/redis-server.js';
import { Playground } from './support/playground.js';
import { until } from './support/until.js';

const SECRETS = /[\da-f]{64}|simulated-secret/i;

const running: { kill: () => Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.kill()));
});

function start(env: Readonly<Record<string, string>>, ...args: string[]): Playground {
  const app = new Playground({ PORT: '0', ...env }, ...args);
  // Not at once, otherwise its child processes would stay.
  running.push({ kill: () => (app.signal('SIGTERM'), app.ending) });
  return app;
}

/** As started by one who has credentials: for the playground the simulator is the real Quiqup. */
async function startOnRealQuiqup(env: Readonly<Record<string, string>> = {}, ...args: string[]) {
  const simulator = await new QuiqupSimulator().start();
  running.push({ kill: () => simulator.stop() });
  const [{ clientId, clientSecret }] = simulator.clients;
  const credentials = {
    QUIQUP_BASE_URL: simulator.url,
    QUIQUP_LAST_MILE_URL: simulator.lastMileUrl,
    QUIQUP_CLIENT_ID: clientId,
    QUIQUP_CLIENT_SECRET: clientSecret,
  };
  const app = start({ ...credentials, ...env }, ...args);
  return { simulator, app, url: await app.url() };
}

async function openFrames(url: string): Promise<Frames> {
  const frames = await Frames.open(url);
  running.unshift({ kill: () => frames.close() });
  return frames;
}

/** Not by `fetch`, which has its own mind about some headers. */
function send(url: string, method: string, headers: Readonly<Record<string, string>>, body = ''): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers, agent: false }, (response) => resolve(response.resume().statusCode ?? 0))
      .once('error', reject)
      .end(body);
  });
}

function act(url: string, action: object): Promise<number> {
  const headers = { 'Content-Type': 'application/json' };
  return send(`${url}/dashboard/actions`, 'POST', headers, JSON.stringify(action));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('The dashboard on the real Quiqup', () => {
  it('has nothing that breaks things, and sends no call of its own', async () => {
    const { simulator, url } = await startOnRealQuiqup();
    const frames = await openFrames(url);
    const { controls, store } = await frames.find(({ isFirst }) => isFirst);
    expect({ controls, store }).toEqual({ controls: {}, store: 'memory' });
    for (const action of [
      { action: 'revoke' },
      { action: 'policy', policy: 'revoke' },
      { action: 'lifetime', seconds: 5 },
      { action: 'endpoint', mode: 'fails' },
      { action: 'change-secret' },
      { action: 'hand-out-secret' },
      { action: 'rate', perSecond: 200 },
      { action: 'stop-redis' },
      { action: 'start-redis' },
    ]) {
      expect(await act(url, action)).toBe(404);
    }
    expect(await act(url, { action: 'add-instance' })).toBe(409);
    expect(simulator.counters).toMatchObject({ tokenRequests: 1, calls: 0 });
  });

  it('shows the calls that others have it send, and no secret', async () => {
    const { simulator, url } = await startOnRealQuiqup();
    const frames = await openFrames(url);
    simulator.revokeAll();
    await fetch(`${url}/orders`);
    simulator.failNext({ status: 500, on: 'resource', body: 'simulated-secret' });
    await fetch(`${url}/orders`);
    const { instances } = await frames.find((frame) => frame.instances[0]?.counters.failed === 1);
    expect(instances).toMatchObject([{ id: 1, counters: { calls: 2, recovered: 1, failed: 1, tokenRequests: 2 } }]);
    expect(frames.raw).toContain('"token-request"');
    expect(frames.raw).not.toMatch(SECRETS);
  });
});

describe('The calls of the dashboard', () => {
  it('tell the API, the method and the path that each went to', async () => {
    const { simulator, url } = await startOnRealQuiqup();
    const frames = await openFrames(url);
    const headers = { 'Content-Type': 'application/json' };
    await fetch(`${url}/orders`, { method: 'POST', headers, body: '{}' });
    await fetch(`${url}/deliveries`, { method: 'POST', headers, body: '{}' });
    await fetch(`${url}/deliveries/1/label`);
    await fetch(`${url}/deliveries/2/label`);
    expect(await frames.requests(4)).toEqual([
      'fulfilment POST /api/fulfilment/orders',
      'last-mile POST /orders',
      'last-mile GET /order_label/1',
      'last-mile GET /order_label/2: 404',
    ]);
    const asked = simulator.calls.filter(({ kind }) => kind === 'resource');
    expect(asked.map(({ api }) => api)).toEqual(['platform', 'last-mile', 'last-mile', 'last-mile']);
  });

  it('go to both APIs in turn', async () => {
    const frames = await openFrames(await start({}).url());
    // The story ends before the first of them, so the page begins with its calls.
    const requests = (await frames.requests(12)).slice(4);
    const stock = 'fulfilment GET /api/fulfilment/inventory';
    expect(new Set(requests)).toEqual(new Set([stock, 'last-mile POST /orders', 'last-mile GET /orders/3']));
    // Calls are reported when they end, so not in strict alternation.
    const ofFulfilment = requests.filter((one) => one === stock).length;
    expect([3, 4, 5]).toContain(ofFulfilment);
  });
});

describe('The broken token endpoint of the dashboard', () => {
  it('is that of both APIs, and breaks nothing else', async () => {
    const app = start({});
    const url = await app.url();
    const [fulfilment, lastMile] = [await app.says(/fulfilment on (\S+),/), await app.says(/last mile on (\S+)/)];
    const json = { 'Content-Type': 'application/json' };
    const ask = (origin: string): Promise<number> => send(`${origin}oauth/token`, 'POST', json, '{}');

    expect(await act(url, { action: 'endpoint', mode: 'fails' })).toBe(204);
    expect([await ask(fulfilment), await ask(lastMile)]).toEqual([503, 503]);
    expect(await send(`${lastMile}oauth/token`, 'GET', json)).not.toBe(503);
    expect(await send(`${lastMile}orders`, 'POST', json, '{}')).toBe(401);
    expect(await act(url, { action: 'endpoint', mode: 'works' })).toBe(204);
    expect([await ask(fulfilment), await ask(lastMile)]).not.toContain(503);
  });
});

describe('The dashboard as seen from elsewhere', () => {
  let url: string;
  let stop: () => Promise<unknown>;
  beforeAll(async () => {
    ({ url } = await startOnRealQuiqup());
    const started = running.splice(0);
    stop = () => Promise.all(started.map((one) => one.kill()));
  });
  afterAll(() => stop());

  it.each<[string, string, Record<string, string>, number]>([
    ['a page of another origin', 'POST', { Origin: 'http://elsewhere.example' }, 403],
    ['a page without an origin', 'POST', { Origin: 'null' }, 403],
    ['another port of this machine', 'POST', { 'Sec-Fetch-Site': 'same-site' }, 403],
    ['a form', 'POST', { 'Content-Type': 'text/plain' }, 415],
    ['a name that was led here', 'POST', { Host: 'elsewhere.example' }, 421],
    ['frames for another origin', 'GET', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'cors' }, 403],
    ['frames under another name', 'GET', { Host: 'elsewhere.example' }, 421],
  ])('refuses %s', async (_who, method, headers, status) => {
    const json = { 'Content-Type': 'application/json' };
    const path = method === 'POST' ? '/dashboard/actions' : '/dashboard/frames';
    expect(await send(url + path, method, { ...json, ...headers }, '{"action":"revoke"}')).toBe(status);
  });

  it.each(['/orders', '/inventory', '/deliveries/3', '/health', '/dashboard/frames'])(
    'refuses a link to %s, for it makes calls, or tells of them',
    async (path) => {
      const link = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };
      expect(await send(url + path, 'GET', link)).toBe(403);
      expect(await send(`${url}${path}?a=/`, 'GET', { ...link, 'Sec-Fetch-Site': 'same-site' })).toBe(403);
    },
  );

  it('does not say what serves it', async () => {
    const { headers } = await fetch(`${url}/health`);
    expect(headers.has('x-powered-by')).toBe(false);
    expect(headers.has('server')).toBe(false);
  });

  it('serves the page to a link from anywhere, under rules that allow no script but its own', async () => {
    const link = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' };
    expect(await send(url, 'GET', link)).toBe(200);
    const page = await fetch(url);
    const policy = page.headers.get('content-security-policy');
    expect(policy).toMatch(/default-src 'none'; script-src 'self';.*frame-ancestors 'none'/);
    expect(policy).not.toContain('unsafe');
    expect(await page.text()).not.toMatch(/<script(?![^>]* src=)|https?:|<style| style=| on[a-z]+=/);
  });

  it('takes no action that it does not know', async () => {
    expect(await act(url, { action: 'reboot' })).toBe(400);
    expect(await act(url, { action: 'lifetime', seconds: 0.001 })).toBe(400);
  });
});

describe('Several instances', () => {
  it('are processes that share one token, come and go, and end with the application', async () => {
    const redis = await RedisServer.start();
    running.push({ kill: () => redis.stop() });
    const { simulator, app, url } = await startOnRealQuiqup({ REDIS_URL: redis.url }, '--instances', '3');
    const frames = await openFrames(url);
    const all = await frames.find(
      ({ instances }) => instances.filter((one) => one.status.health === 'up').length === 3,
    );
    const pids = all.instances.map(({ pid }) => pid);
    expect(new Set(pids).size).toBe(3);
    expect(simulator.counters.tokenRequests).toBe(1);
    expect(all.controls).toEqual({ instances: { canAdd: true } });

    expect(await act(url, { action: 'add-instance' })).toBe(204);
    await frames.says(/^Instance 4 took the token from Redis/);
    expect(await act(url, { action: 'remove-instance', id: 4 })).toBe(204);
    await frames.says(/^Instance 4 stopped after its last call/);
    expect(await act(url, { action: 'remove-instance', id: 1 })).toBe(404);

    process.kill(pids[1] ?? 0, 'SIGKILL');
    await frames.says(/^Instance 2 ended by itself/);
    expect(simulator.counters.tokenRequests).toBe(1);

    app.signal('SIGTERM');
    expect(await app.ending).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('end when the application is killed', async () => {
    const redis = await RedisServer.start();
    running.push({ kill: () => redis.stop() });
    const { app, url } = await startOnRealQuiqup({ REDIS_URL: redis.url }, '--instances', '2');
    const { instances } = await (await openFrames(url)).find((frame) => frame.instances.length === 2);
    await app.kill();
    await until(async () => !instances.some(({ pid }) => isAlive(pid)), 'the instance ends');
  });

  it('need a Redis, and say so in one line', async () => {
    const app = start({ PATH: '/nonexistent' }, '--instances', '2');
    expect(await app.ending).toBe(1);
    expect(app.stderr).toMatch(/^Instances that share a token need redis-server: install it \(.*\)\.\n$/);
  });

  it('are at most six', async () => {
    const app = start({}, '--instances', '7');
    expect(await app.ending).toBe(1);
    expect(app.stderr).toBe('--instances must be a whole number from 1 to 6.\n');
  });
});
