// What a call costs through the module while its token is fresh, beside the same call of a plain axios. Nothing is sent.
import { HttpService } from '@nestjs/axios';
import { NestFactory } from '@nestjs/core';
import axios from 'axios';
import { do_not_optimize, measure } from 'mitata';
import { QuiqupAuthModule, QuiqupHttpService, QuiqupTokenService } from 'nestjs-quiqup-auth';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { firstValueFrom } from 'rxjs';
import { machine } from './support/machine.mjs';
import { pairedRounds } from './support/paired-rounds.mjs';
import { median, medianInterval } from './support/statistics.mjs';

const ROUNDS = 200;
/** What a call through the module may take at most, as a multiple of the other. */
const BARS = { 'header by hand': 1, 'header interceptor': 1.08 };
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

let authorized = 0;
/** Where the network would begin. */
function noop(config) {
  authorized += config.headers.Authorization === `Bearer ${token}` ? 1 : 0;
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

const subjects = {};
for (const [call, subjectOf] of Object.entries(CALLS)) {
  for (const [way, client] of Object.entries(WAYS)) {
    const subject = subjectOf(...client);
    authorized = 0;
    await subject();
    if (authorized !== 1) {
      throw new Error(`${call} through ${way} did not carry the token.`);
    }
    subjects[`${call} ${way}`] = subject;
  }
}

const results = await pairedRounds(subjects, ROUNDS);
const peek = await measure(() => do_not_optimize(tokens.peek()));
const hot = await measure(() => tokens.getAccessToken());
await app.close();
await simulator.stop();

const say = (line) => process.stdout.write(`${line}\n`);
say(`${machine()}; median of ${ROUNDS} paired rounds, 95 % interval\n`);
for (const call of Object.keys(CALLS)) {
  const own = results[`${call} module`];
  say(`${call.padEnd(16)} ${'module'.padEnd(18)} ${median(own).toFixed(0).padStart(6)} ns`);
  for (const [way, bar] of Object.entries(BARS)) {
    const other = results[`${call} ${way}`];
    const ratios = own.map((ns, round) => ns / other[round]);
    const isMet = median(ratios) <= bar;
    if (!isMet) {
      process.exitCode = 1;
    }
    const [from, to] = medianInterval(ratios).map((ratio) => ratio.toFixed(3));
    say(
      `${' '.repeat(16)} ${way.padEnd(18)} ${median(other).toFixed(0).padStart(6)} ns   ` +
        `module / it ${median(ratios).toFixed(3)} (${from} to ${to}), bar ${bar.toFixed(2)} ${isMet ? 'met' : 'MISSED'}`,
    );
  }
}
for (const [name, { p25, p50, p75 }] of Object.entries({ 'peek()': peek, 'await getAccessToken()': hot })) {
  say(`${name.padEnd(35)} ${p50.toFixed(1).padStart(6)} ns   (quartiles ${p25.toFixed(1)} and ${p75.toFixed(1)})`);
}
