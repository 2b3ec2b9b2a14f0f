import { afterEach, describe, expect, it } from '@jest/globals';
import { QuiqupSimulator, type QuiqupSimulatorOptions } from 'nestjs-quiqup-auth/testing';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { Playground } from './support/playground.js';
import { ScriptedServer } from './support/scripted-server.js';

const SECRETS = /[\da-f]{64}|simulated-secret/i;

const running: { kill: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.kill()));
});

function start(env: Readonly<Record<string, string>>, ...args: string[]): Playground {
  const app = new Playground(env, ...args);
  running.push(app);
  return app;
}

async function startSimulator(options?: QuiqupSimulatorOptions): Promise<QuiqupSimulator> {
  const simulator = await new QuiqupSimulator(options).start();
  running.push({ kill: () => simulator.stop() });
  return simulator;
}

/** The environment of one who has credentials: for the playground the simulator is the real Quiqup. */
function envFor(simulator: QuiqupSimulator): Record<string, string> {
  const [{ clientId, clientSecret }] = simulator.clients;
  return {
    PORT: '0',
    QUIQUP_BASE_URL: simulator.url,
    QUIQUP_LAST_MILE_URL: simulator.lastMileUrl,
    QUIQUP_CLIENT_ID: clientId,
    QUIQUP_CLIENT_SECRET: clientSecret,
  };
}

function post(url: string, body: object): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
}

async function expectReason(app: Playground, reason: RegExp): Promise<void> {
  expect(await app.ending).toBe(1);
  expect(app.stderr).toMatch(/^[^\n]+\n$/);
  expect(app.stderr).toMatch(reason);
  expect(app.stdout + app.stderr).not.toMatch(/^\s+at |\[Nest\]/m);
}

describe('The playground without credentials', () => {
  it('tells the whole story once and ends', async () => {
    const app = start({}, '--once');
    expect(await app.ending).toBe(0);
    expect(app.stderr).toBe('');
    const token = '[\\da-f]{8}';
    const chapters = [
      'a simulated Quiqup stands in',
      'fulfilment on http://127\\.0\\.0\\.1:\\d+/, last mile on http://127\\.0\\.0\\.1:\\d+/',
      `Token ${token} acquired at start, good until \\d{4}-`,
      'Fulfilment order 1 created\\.',
      'Last-mile order 1 created',
      'Label of last-mile order 1 fetched: [1-9]\\d* bytes of PDF',
      'Quiqup revoked 1 token',
      `Token ${token} acquired after a 401`,
      'Last-mile order 2 created all the same: .* 1 x 401 with 1 token request',
      `Token ${token} acquired ahead of time`,
      'That renewal came \\d\\.\\d s before',
    ];
    expect(app.stdout).toMatch(new RegExp(chapters.join('.*\n.*')));
    expect(app.stdout).not.toMatch(SECRETS);
  });

  it('goes on serving after the story, until SIGTERM', async () => {
    const app = start({ PORT: '0' });
    const url = await app.url();

    const created = await post(`${url}/orders`, { partner_order_id: 'another' });
    expect(created.status).toBe(201);
    expect(await created.json()).toMatchObject({ id: 2, partner_order_id: 'another' });

    const listed = await fetch(`${url}/orders`);
    expect(listed.status).toBe(200);
    expect(await listed.json()).toMatchObject([{ id: 1 }, { id: 2 }]);

    const health = await (await fetch(`${url}/health`)).text();
    expect(JSON.parse(health)).toMatchObject({
      status: 'ok',
      details: { quiqup: { lastRenewal: { result: 'success' } } },
    });
    expect(health).not.toMatch(SECRETS);

    app.signal('SIGTERM');
    expect(await app.ending).toBe(0);
    expect(app.stderr).toBe('');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('stops cleanly in the middle of the story on %s', async (signal) => {
    const app = start({ PORT: '0' });
    await app.says(/Last-mile order 2 created/);
    app.signal(signal);
    expect(await app.ending).toBe(0);
    expect(app.stderr).toBe('');
    expect(app.stdout).not.toContain('Serving');
  });
});

describe('The playground with credentials', () => {
  it('gets a token and says until when it is good, and neither orders nor revokes anything', async () => {
    const simulator = await startSimulator();
    const app = start(envFor(simulator), '--once');
    expect(await app.ending).toBe(0);
    expect(app.stdout).toMatch(/^Token [\da-f]{8} acquired at start, good until \S+Z\.\n$/);
    expect(simulator.counters).toMatchObject({ tokenRequests: 1, calls: 0 });
  });

  it('serves fulfilment from the one API and deliveries with their labels from the other', async () => {
    const simulator = await startSimulator();
    const url = await start(envFor(simulator)).url();

    expect((await post(`${url}/orders`, { partner_order_id: 'a' })).status).toBe(201);
    expect(await (await fetch(`${url}/orders`)).json()).toMatchObject([{ partner_order_id: 'a' }]);
    expect(await (await fetch(`${url}/inventory`)).json()).toEqual([]);
    const created = await post(`${url}/deliveries`, { partner_order_id: 'b' });
    expect(created.status).toBe(201);
    expect(await created.json()).toMatchObject({ id: 1, partner_order_id: 'b', state: 'pending' });
    expect(await (await fetch(`${url}/deliveries/1`)).json()).toMatchObject({ id: 1, partner_order_id: 'b' });
    const label = await fetch(`${url}/deliveries/1/label`);
    expect(label.headers.get('content-type')).toBe('application/pdf');
    expect(await label.text()).toMatch(/^%PDF-[\s\S]*%%EOF\n$/);

    const asked = simulator.calls.filter(({ kind }) => kind === 'resource');
    expect(asked.map(({ api, method, path }) => `${api} ${method} ${path}`)).toEqual([
      'platform POST /api/fulfilment/orders',
      'platform GET /api/fulfilment/orders',
      'platform GET /api/fulfilment/inventory',
      'last-mile POST /orders',
      'last-mile GET /orders/1',
      'last-mile GET /order_label/1',
    ]);
    expect(simulator.counters.tokenRequests).toBe(1);
  });

  it('serves no half of a label', async () => {
    const simulator = await startSimulator();
    const url = await start(envFor(simulator)).url();
    await post(`${url}/deliveries`, {});
    simulator.drop({ on: 'resource', at: 'within-answer' });
    expect((await fetch(`${url}/deliveries/1/label`)).status).toBe(502);
    expect((await fetch(`${url}/deliveries/2/label`)).status).toBe(404);
  });

  it('serves until Ctrl-C, however often it comes', async () => {
    const app = start(envFor(await startSimulator()));
    expect((await fetch(`${await app.url()}/health`)).status).toBe(200);
    while (!app.hasEnded) {
      app.signal('SIGINT');
      await setImmediate();
    }
    expect(await app.ending).toBe(0);
    expect(app.stderr).toBe('');
  });

  it('is not kept by a connection that asks for nothing', async () => {
    const app = start(envFor(await startSimulator()));
    const { hostname, port } = new URL(await app.url());
    const spare = connect(Number(port), hostname);
    await once(spare, 'connect');
    app.signal('SIGTERM');
    expect(await app.ending).toBe(0);
    spare.destroy();
  });

  it.each([
    [422, 422],
    [403, 502],
    [500, 502],
  ])('answers for Quiqup: its %i becomes %i', async (status, expected) => {
    const simulator = await startSimulator();
    const app = start(envFor(simulator));
    const url = await app.url();
    simulator.failNext({ status, on: 'resource', body: { detail: 'simulated-secret' } });
    const answer = await post(`${url}/orders`, {});
    expect(answer.status).toBe(expected);
    expect(await answer.text()).not.toMatch(SECRETS);
  });

  it('answers 503 and says when to come back while there is no token to be had', async () => {
    const simulator = await startSimulator({ lifetime: 1 });
    const app = start(envFor(simulator));
    const url = await app.url();
    simulator.failNext({ on: 'token', status: 429, retryAfter: 30, times: Infinity });
    let answer = await fetch(`${url}/orders`);
    while (answer.status === 200) {
      answer = await fetch(`${url}/orders`);
    }
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await answer.json()).toMatchObject({ code: 'QUIQUP_RATE_LIMITED' });
    const health = await fetch(`${url}/health`);
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({
      status: 'error',
      details: { quiqup: { status: 'down', lastRenewal: { result: 'QUIQUP_RATE_LIMITED' } } },
    });
  });
});

describe('The playground that cannot start', () => {
  it('says that the port is taken', async () => {
    const other = await ScriptedServer.start((_request, response) => response.end());
    running.push({ kill: () => other.stop() });
    await expectReason(start({ PORT: String(other.port) }), new RegExp(`^Port ${other.port} is taken`));
  });

  it('says that the credentials are wrong, without telling them', async () => {
    const simulator = await startSimulator();
    const app = start({ ...envFor(simulator), QUIQUP_CLIENT_SECRET: 'my-wrong-secret' });
    await expectReason(app, /^Quiqup refused the client id and secret/);
    expect(app.stdout + app.stderr).not.toContain('my-wrong-secret');
    expect(simulator.counters.tokenRequests).toBe(1);
  });

  it('says that the host cannot be reached', async () => {
    const simulator = await startSimulator();
    await simulator.stop();
    await expectReason(start(envFor(simulator)), /could not be reached \(ECONNREFUSED\)/);
  });

  it('says which options are bad', async () => {
    const simulator = await startSimulator();
    const app = start({ ...envFor(simulator), QUIQUP_ENVIRONMENT: 'staging' });
    await expectReason(app, /^Bad options: .*environment/);
    expect(simulator.counters.tokenRequests).toBe(0);
  });

  it('says that PORT is no port', async () => {
    await expectReason(start({ PORT: 'three thousand' }), /^PORT must be a whole number/);
  });
});
