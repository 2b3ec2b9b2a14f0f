// One process of the part per-call: it measures and reports to its parent.
import { HttpService } from '@nestjs/axios';
import { createClient } from '../clients/index.mjs';
import { pairedRounds } from '../support/paired-rounds.mjs';
import { checked, count } from './token-check.mjs';
import axios from 'axios';
import { firstValueFrom } from 'rxjs';

const { server, rivals, rounds } = JSON.parse(process.argv[2]);
const ORDER = { kind: 'partner_same_day', items: [{ name: 'Box', quantity: 1 }] };

/** Replaces the network. Like any adapter it reads the header. */
function adapter(config) {
  count(config.headers.Authorization);
  return Promise.resolve({ data: undefined, status: 200, statusText: 'OK', headers: {}, config });
}
const httpClient = {
  sendRequest(request) {
    count(request.headers.get('Authorization'));
    return Promise.resolve({ request, status: 200, headers: request.headers });
  },
};

const closing = [];
async function clients(names, more) {
  const all = {};
  for (const name of names) {
    const overHttps = name.endsWith('over https');
    all[name] = await createClient(name.replace(/, (?:over https|once more)$/, ''), { ...server, ...more, overHttps });
    closing.push(all[name]);
  }
  return all;
}

/** Three kinds of calls, by the three that the bars compare. */
async function barSubjects({ 'nestjs-quiqup-auth': module }) {
  const bearer = `Bearer ${await module.tokens.getAccessToken()}`;
  const plain = () => new HttpService(axios.create({ baseURL: module.http.axiosRef.defaults.baseURL, adapter }));
  const byHand = plain();
  const intercepted = plain();
  intercepted.axiosRef.interceptors.request.use(
    (config) => {
      config.headers.set('Authorization', bearer);
      return config;
    },
    null,
    { synchronous: true },
  );
  const withHeader = () => ({ headers: { Authorization: bearer } });
  const calls = {
    'axiosRef.get': (http, config) => () => http.axiosRef.get('/api/fulfilment/orders', config?.()),
    'axiosRef.post': (http, config) => () => http.axiosRef.post('/api/fulfilment/orders', ORDER, config?.()),
    'get, observable': (http, config) => () => firstValueFrom(http.get('/api/fulfilment/orders', config?.())),
  };
  const ways = {
    'nestjs-quiqup-auth': [module.http],
    'header by hand': [byHand, withHeader],
    'header interceptor': [intercepted],
  };
  const subjects = {};
  for (const [call, subjectOf] of Object.entries(calls)) {
    for (const [way, client] of Object.entries(ways)) {
      subjects[`${call} / ${way}`] = await checked(subjectOf(...client), `${call} through ${way}`);
    }
  }
  return subjects;
}

const offline = await clients(['nestjs-quiqup-auth', ...rivals], { adapter, httpClient });
const subjects = await barSubjects(offline);
for (const name of rivals) {
  // The first call of some fetches the token.
  await offline[name].get('api/fulfilment/orders');
  subjects[`axiosRef.get / ${name}`] = await checked(() => offline[name].get('api/fulfilment/orders'), name);
}
const noop = await pairedRounds(subjects, rounds);

const LIMITS = [
  'nestjs-quiqup-auth',
  'header by hand',
  // How far one is from the other is noise.
  'header by hand, once more',
  'header interceptor',
  'header by hand, over https',
];
const online = await clients([...LIMITS, ...rivals], {});
const overTheWire = {};
for (const [name, client] of Object.entries(online)) {
  await client.get('api/fulfilment/orders');
  overTheWire[name] = () => client.get('api/fulfilment/orders');
}
const loopback = await pairedRounds(overTheWire, rounds, { warmUpRounds: rounds >> 1, batch: 16 });

process.send({ noop, loopback }, () => process.exit());
