// One process of the part per-call: it measures, and tells its parent.
import { HttpService } from '@nestjs/axios';
import { NestFactory } from '@nestjs/core';
import axios from 'axios';
import { do_not_optimize, measure } from 'mitata';
import { QuiqupAuthModule, QuiqupHttpService, QuiqupTokenService } from 'nestjs-quiqup-auth';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { firstValueFrom } from 'rxjs';
import { pairedRounds } from '../support/paired-rounds.mjs';

const ROUNDS = 40;
const ORDER = { kind: 'partner_same_day', items: [{ name: 'Box', quantity: 1 }] };

const simulator = await new QuiqupSimulator({ lifetime: 604_800 }).start();
const [{ clientId, clientSecret }] = simulator.clients;
const app = await NestFactory.createApplicationContext(
  QuiqupAuthModule.forRoot({ baseUrl: simulator.url, clientId, clientSecret }),
  { logger: ['error', 'warn'] },
);
const tokens = app.get(QuiqupTokenService);
const module = app.get(QuiqupHttpService);
const token = await tokens.getAccessToken();

/** An `HttpService` as the module's, without the token. */
function plain() {
  return new HttpService(axios.create({ baseURL: module.axiosRef.defaults.baseURL }));
}

const byHand = plain();
const withHeader = () => ({ headers: { Authorization: `Bearer ${token}` } });
const intercepted = plain();
intercepted.axiosRef.interceptors.request.use(
  (config) => {
    config.headers.set('Authorization', `Bearer ${token}`);
    return config;
  },
  null,
  { synchronous: true },
);

const bearer = `Bearer ${token}`;
let authorized = 0;
/** Where the network would begin; like any adapter it reads the header. */
function noop(config) {
  authorized += config.headers.Authorization === bearer ? 1 : 0;
  return Promise.resolve({ data: undefined, status: 200, statusText: 'OK', headers: {}, config });
}
for (const { axiosRef } of [module, byHand, intercepted]) {
  axiosRef.defaults.adapter = noop;
}

const CALLS = {
  'axiosRef.get': (http, config) => () => http.axiosRef.get('/orders', config?.()),
  'axiosRef.post': (http, config) => () => http.axiosRef.post('/orders', ORDER, config?.()),
  'get, observable': (http, config) => () => firstValueFrom(http.get('/orders', config?.())),
};
const WAYS = { module: [module], 'header by hand': [byHand, withHeader], 'header interceptor': [intercepted] };

/** Call by call, way by way. */
const subjects = {};
for (const [call, subjectOf] of Object.entries(CALLS)) {
  for (const [way, client] of Object.entries(WAYS)) {
    const subject = subjectOf(...client);
    authorized = 0;
    await subject();
    if (authorized !== 1) {
      throw new Error(`${call} through ${way} did not carry the token.`);
    }
    subjects[`${call} / ${way}`] = subject;
  }
}

const rounds = await pairedRounds(subjects, ROUNDS);
const peek = await measure(() => do_not_optimize(tokens.peek()), { gc: false });
const hot = await measure(() => tokens.getAccessToken(), { gc: false });
await app.close();
await simulator.stop();
process.send({ rounds, hot: { 'peek()': peek.p50, 'await getAccessToken()': hot.p50 } });
