'use strict';
const { get } = require('node:http');

/** Without keeping the connection, so that all that is open afterwards is the application's. */
function fetchJson(url) {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => (text += chunk));
      answer.on('end', () => resolve({ status: answer.statusCode, body: JSON.parse(text) }));
    }).on('error', reject);
  });
}

/** An application that answers `/orders` by a call to Quiqup, and `/health` if it has Terminus. */
function applicationOf({ common, quiqup, terminus }, options) {
  const { Controller, Get, Inject, Module } = common;
  const route = (type, method, path) =>
    Get(path)(type.prototype, method, Object.getOwnPropertyDescriptor(type.prototype, method));

  class OrdersController {
    constructor(http) {
      this.http = http;
    }

    async list() {
      return { quiqup: (await this.http.axiosRef.get('/api/fulfilment/orders')).status };
    }
  }
  Inject(quiqup.QuiqupHttpService)(OrdersController, undefined, 0);
  Controller()(OrdersController);
  route(OrdersController, 'list', 'orders');

  class HealthController {
    constructor(health, indicator) {
      this.health = health;
      this.indicator = indicator;
    }

    check() {
      return this.health.check([() => this.indicator.check('quiqup', { degradedAs: 'down' })]);
    }
  }
  if (terminus !== undefined) {
    Inject(terminus.HealthCheckService)(HealthController, undefined, 0);
    Inject(quiqup.QuiqupHealthIndicator)(HealthController, undefined, 1);
    Controller()(HealthController);
    route(HealthController, 'check', 'health');
  }

  // oxlint-disable-next-line typescript/no-extraneous-class -- Nest's own way to name a module
  class ApplicationModule {}
  Module({
    imports: [
      quiqup.QuiqupAuthModule.forRootAsync({ useFactory: () => options }),
      ...(terminus === undefined ? [] : [terminus.TerminusModule.forRoot({ logger: false })]),
    ],
    controllers: [OrdersController, ...(terminus === undefined ? [] : [HealthController])],
  })(ApplicationModule);
  return ApplicationModule;
}

/** Runs the application with the given packages, and writes the outcome as JSON. */
exports.story = async (packages, Adapter, redis) => {
  const { axios, core, nestAxios, quiqup, terminus, testing } = packages;
  const simulator = await new testing.QuiqupSimulator().start();
  const options = { baseUrl: simulator.url, ...simulator.clients[0], cache: { redis }, warmUp: 'off' };
  const app = await core.NestFactory.create(applicationOf(packages, options), new Adapter(), {
    logger: ['error', 'warn'],
    abortOnError: false,
  });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address();
  const look = (path) => fetchJson(`http://127.0.0.1:${port}${path}`);

  const healthBefore = terminus && (await look('/health'));
  const first = await look('/orders');
  simulator.revokeAll();
  const second = await look('/orders');
  const healthAfter = terminus && (await look('/health'));
  // Unlike a missing token: it is refused at once, and the token in hand stays valid.
  simulator.failNext({ on: 'token', status: 401, body: { error: 'invalid_client' } });
  await app
    .get(quiqup.QuiqupTokenService)
    .refresh()
    .catch(() => undefined);
  const healthDegraded = terminus && (await look('/health'));

  simulator.failNext({ on: 'resource', status: 422 });
  const failed = await app
    .get(quiqup.QuiqupHttpService)
    .axiosRef.get('/api/fulfilment/orders')
    .catch((error) => error);

  const told = {
    errorOf: {
      nest: failed instanceof new nestAxios.HttpService().axiosRef.AxiosError,
      application: failed instanceof axios.AxiosError,
    },
    orders: [first.body.quiqup, second.body.quiqup],
    unauthorized: simulator.counters.unauthorized,
    health: terminus && [healthBefore, healthAfter, healthDegraded].map(({ status }) => status),
  };
  await app.close();
  await simulator.stop();
  // Nothing keeps the process alive any more. An open handle was left behind without keeping it alive.
  process.once('exit', () => {
    const leftOpen = process.getActiveResourcesInfo().filter((name) => !/^(Pipe|TTY)/.test(name));
    process.stdout.write(JSON.stringify({ ...told, leftOpen }));
  });
};
