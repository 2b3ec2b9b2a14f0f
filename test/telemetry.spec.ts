import { afterEach, describe, expect, it } from '@jest/globals';
import { metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { Test } from '@nestjs/testing';
import { getQuiqupProviderToken, QuiqupAccounts, QuiqupAuthModule, QuiqupTokenService } from 'nestjs-quiqup-auth';
import { QuiqupTelemetryModule } from 'nestjs-quiqup-auth/opentelemetry';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { Readable } from 'node:stream';
import { eventually } from './support/eventually.js';
import { waysTo } from './support/find-secret.js';
import { HeldResponses } from './support/held-responses.js';
import { QuiqupApp, type QuiqupAppOptions } from './support/quiqup-app.js';
import { RedisServer } from './support/redis-server.js';
import { elapse } from './support/until.js';

let quiqup: QuiqupApp;
let metricExporter: InMemoryMetricExporter;
let spanExporter: InMemorySpanExporter;
let meterProvider: MeterProvider;
let tracerProvider: BasicTracerProvider;

function createProviders(): void {
  metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  spanExporter = new InMemorySpanExporter();
  meterProvider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 3_600_000 })],
  });
  tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spanExporter)] });
}

async function start({ imports = [], ...options }: QuiqupAppOptions = {}): Promise<void> {
  createProviders();
  const telemetry = QuiqupTelemetryModule.forRoot({ meterProvider, tracerProvider });
  quiqup = await QuiqupApp.start({ ...options, imports: [telemetry, ...imports] });
}

interface Point {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value: unknown;
}

/** The points of one metric, as they are exported now. */
async function points(name: string): Promise<Point[]> {
  await meterProvider.forceFlush();
  const exported = metricExporter.getMetrics().at(-1)?.scopeMetrics ?? [];
  return exported
    .flatMap((scope) => scope.metrics)
    .filter(({ descriptor }) => descriptor.name === name)
    .flatMap(({ dataPoints }) => dataPoints.map(({ attributes, value }) => ({ attributes, value })));
}

const accountsOf = (told: readonly { attributes: Readonly<Record<string, unknown>> }[]): Set<unknown> =>
  new Set(told.map(({ attributes }) => attributes['quiqup.auth.account']));

const credentialsOf = (id: string) => ({ clientId: `client ${id}`, clientSecret: `secret ${id}` });

const get = () => quiqup.quiqup.axiosRef.get('/api/fulfilment/orders');

afterEach(async () => {
  await quiqup.stop();
  await Promise.all([meterProvider.shutdown(), tracerProvider.shutdown()]);
  metrics.disable();
  trace.disable();
});

const server = () => ({
  'server.address': '127.0.0.1',
  'server.port': Number(new URL(quiqup.simulator.url).port),
  'http.request.method': 'POST',
  'quiqup.auth.grant_type': 'client_credentials',
});

describe('A token request', () => {
  it('that succeeds is counted, timed and a span', async () => {
    await start({ simulator: { latency: 50 } });
    const before = Date.now();
    await quiqup.tokens.getAccessToken();
    const attributes = { ...server(), 'http.response.status_code': 200 };
    expect(await points('quiqup.auth.token.requests')).toEqual([{ attributes, value: 1 }]);
    const [duration] = await points('quiqup.auth.token.request.duration');
    expect(duration).toMatchObject({ attributes, value: { count: 1 } });
    const { sum } = (duration as { value: { sum: number } }).value;
    expect(sum).toBeGreaterThanOrEqual(0.045);
    expect(sum).toBeLessThan(10);
    expect(await points('quiqup.auth.token.renewals')).toEqual([
      { attributes: { 'quiqup.auth.renewal.cause': 'call', 'quiqup.auth.renewal.result': 'acquired' }, value: 1 },
    ]);

    const spans = spanExporter.getFinishedSpans();
    expect(spans).toHaveLength(1);
    const [span] = spans as [(typeof spans)[0]];
    expect(span).toMatchObject({
      name: 'POST /oauth/token',
      kind: SpanKind.CLIENT,
      status: { code: SpanStatusCode.UNSET },
    });
    expect(span.attributes).toEqual({ ...attributes, 'url.full': new URL('/oauth/token', quiqup.simulator.url).href });
    expect(span.parentSpanContext).toBeUndefined();
    expect(span.instrumentationScope.name).toBe('nestjs-quiqup-auth');
    const [seconds, nanoseconds] = span.duration;
    expect(seconds + nanoseconds / 1e9).toBeCloseTo(sum, 2);
    expect(span.startTime[0]).toBeGreaterThanOrEqual(Math.floor(before / 1_000) - 1);
  });

  it('that fails has the error, also without an answer', async () => {
    await start();
    quiqup.simulator.failNext({ on: 'token', status: 429, retryAfter: 30 });
    await quiqup.tokens.getAccessToken().catch(() => undefined);
    const attributes = { ...server(), 'http.response.status_code': 429, 'error.type': 'QUIQUP_RATE_LIMITED' };
    expect(await points('quiqup.auth.token.requests')).toEqual([{ attributes, value: 1 }]);
    expect(await points('quiqup.auth.token.renewals')).toEqual([
      {
        attributes: {
          'quiqup.auth.renewal.cause': 'call',
          'quiqup.auth.renewal.result': 'failed',
          'error.type': 'QUIQUP_RATE_LIMITED',
        },
        value: 1,
      },
    ]);
    const [span] = spanExporter.getFinishedSpans();
    expect(span?.status.code).toBe(SpanStatusCode.ERROR);
    expect(span?.attributes).toMatchObject(attributes);
  });

  it('that gets no answer has no status', async () => {
    await start();
    quiqup.simulator.drop({ on: 'token', times: Infinity });
    await quiqup.tokens.getAccessToken().catch(() => undefined);
    const [span] = spanExporter.getFinishedSpans();
    expect(span?.attributes).toMatchObject({ 'error.type': 'QUIQUP_TOKEN_ENDPOINT_UNREACHABLE' });
    expect(span?.attributes).not.toHaveProperty(['http.response.status_code']);
  });
});

describe('A 401', () => {
  it('is counted, and so is what became of the call', async () => {
    await start();
    await get();
    quiqup.simulator.revokeAll();
    await get();
    quiqup.simulator.failNext({ status: 401, on: 'resource' });
    await quiqup.quiqup.axiosRef.post('/api/fulfilment/orders', Readable.from(['a body'])).catch(() => undefined);
    expect(await points('quiqup.auth.call.rejections')).toEqual([{ attributes: {}, value: 2 }]);
    expect(await points('quiqup.auth.call.recoveries')).toEqual([
      { attributes: { 'quiqup.auth.recovery.outcome': 'recovered' }, value: 1 },
      { attributes: { 'quiqup.auth.recovery.outcome': 'one-shot-body' }, value: 1 },
    ]);
  });
});

describe('The token', () => {
  it('has a gauge of the seconds until its end, none without a token, and is left alone after the shutdown', async () => {
    await start({ simulator: { lifetime: 600 } });
    expect(await points('quiqup.auth.token.expires_in')).toEqual([]);
    await quiqup.tokens.getAccessToken();
    const [gauge] = await points('quiqup.auth.token.expires_in');
    expect(gauge?.value).toBeGreaterThan(580);
    expect(gauge?.value).toBeLessThanOrEqual(600);
    await quiqup.app.close();
    // The SDK repeats the last value; one that is still observed would be lower each time.
    const last = await points('quiqup.auth.token.expires_in');
    expect(await points('quiqup.auth.token.expires_in')).toEqual(last);
  });
});

describe('The store', () => {
  it('that goes is counted', async () => {
    const redis = await RedisServer.start();
    try {
      await start({ module: { cache: { redis: redis.url } } });
      await quiqup.tokens.getAccessToken();
      await redis.kill();
      await quiqup.tokens.refresh();
      expect(await points('quiqup.auth.store.failures')).toEqual([{ attributes: {}, value: 1 }]);
    } finally {
      await redis.stop();
    }
  });

  it('has the wait for its lock timed', async () => {
    const redis = await RedisServer.start();
    try {
      const cache = { redis: redis.url };
      const responses = new HeldResponses();
      await start({ module: { cache } });
      const module = { cache, http: { adapter: responses.adapter } };
      const other = await QuiqupApp.start({ simulator: quiqup.simulator, module });
      const release = responses.hold();
      const first = other.tokens.getAccessToken();
      await eventually(() => quiqup.tokenRequests === 1, 'the other one had asked');
      const second = quiqup.tokens.getAccessToken();
      await elapse(200);
      release();
      await Promise.all([first, second]);
      await other.app.close();
      expect(quiqup.rotations.map(({ type }) => type)).toEqual(['adopted']);
      const [wait] = await points('quiqup.auth.lock.wait.duration');
      expect(wait).toMatchObject({ value: { count: 1 } });
      expect((wait as { value: { sum: number } }).value.sum).toBeGreaterThan(0.1);
    } finally {
      await redis.stop();
    }
  });
});

describe('Telemetry', () => {
  it('takes the global providers, and tells accounts apart', async () => {
    createProviders();
    metrics.setGlobalMeterProvider(meterProvider);
    trace.setGlobalTracerProvider(tracerProvider);
    const simulator = await new QuiqupSimulator().start();
    const dubai = { name: 'dubai', baseUrl: simulator.url, ...simulator.clients[0], warmUp: 'await' as const };
    quiqup = await QuiqupApp.start({ simulator, imports: [QuiqupTelemetryModule, QuiqupAuthModule.forRoot(dubai)] });
    await quiqup.tokens.getAccessToken();
    expect(accountsOf(await points('quiqup.auth.token.requests'))).toEqual(new Set(['dubai', undefined]));
    expect(accountsOf(await points('quiqup.auth.token.expires_in'))).toEqual(new Set(['dubai', undefined]));
    expect(accountsOf(spanExporter.getFinishedSpans())).toEqual(new Set(['dubai', undefined]));
    expect(quiqup.app.get(getQuiqupProviderToken(QuiqupTokenService, 'dubai'))).toBeDefined();
  });

  it('has the accounts of a database as one in metrics, and each by its id on spans', async () => {
    createProviders();
    const simulator = await new QuiqupSimulator().start();
    ['1', '2'].forEach((id) => simulator.addClient(credentialsOf(id)));
    quiqup = await QuiqupApp.start({
      simulator,
      imports: [
        QuiqupTelemetryModule.forRoot({ meterProvider, tracerProvider }),
        QuiqupAuthModule.forAccounts({
          baseUrl: simulator.url,
          resolveCredentials: credentialsOf,
        }),
      ],
    });
    const accounts = quiqup.app.get(QuiqupAccounts);
    await Promise.all(['1', '2'].map(async (id) => (await accounts.get(id)).tokens.getAccessToken()));
    const requests = await points('quiqup.auth.token.requests');
    expect(requests).toMatchObject([{ attributes: { 'quiqup.auth.account': '_OTHER' }, value: 2 }]);
    expect(accountsOf(spanExporter.getFinishedSpans())).toEqual(new Set(['1', '2']));
  });

  it('is refused where it would count twice', async () => {
    createProviders();
    const twice = [QuiqupTelemetryModule, QuiqupTelemetryModule.forRoot({ meterProvider, tracerProvider })];
    await expect(QuiqupApp.start({ imports: twice })).rejects.toThrow(
      'QuiqupTelemetryModule is imported in 2 ways in this application. Import it once, in the root module.',
    );
    quiqup = await QuiqupApp.start({ imports: [QuiqupTelemetryModule, QuiqupTelemetryModule] });
  });

  it('costs nothing and breaks nothing where no SDK is registered', async () => {
    createProviders();
    quiqup = await QuiqupApp.start({ imports: [QuiqupTelemetryModule] });
    expect((await get()).status).toBe(200);
  });

  it('leaves out a token service that a test has replaced', async () => {
    createProviders();
    const options = { baseUrl: 'http://127.0.0.1:9', clientId: 'id', clientSecret: 'secret', warmUp: 'off' as const };
    const app = await Test.createTestingModule({ imports: [QuiqupAuthModule.forRoot(options), QuiqupTelemetryModule] })
      .overrideProvider(QuiqupTokenService)
      .useValue({ getAccessToken: () => Promise.resolve('a token') })
      .compile();
    await expect(app.init()).resolves.toBe(app);
    await app.close();
  });

  it('holds no token, no secret and no client id', async () => {
    await start({ simulator: { refreshTokens: true } });
    const { clientId, clientSecret } = quiqup.simulator.clients[0];
    const secrets = [clientId, clientSecret, await quiqup.tokens.getAccessToken()];
    quiqup.simulator.revokeAll();
    await get();
    secrets.push(await quiqup.tokens.getAccessToken());
    quiqup.simulator.failNext({
      on: 'token',
      status: 400,
      body: { error: 'invalid_client', error_description: secrets.join(' ') },
    });
    await quiqup.tokens.refresh().catch(() => undefined);
    await meterProvider.forceFlush();
    const exported = [
      JSON.stringify(metricExporter.getMetrics()),
      ...spanExporter
        .getFinishedSpans()
        .map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
    ];
    expect(exported.length).toBeGreaterThan(3);
    expect(secrets.flatMap((secret) => waysTo(secret, exported))).toEqual([]);
  });
});
