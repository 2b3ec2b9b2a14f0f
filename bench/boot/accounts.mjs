// The memory of the accounts of `QuiqupAuthModule.forAccounts`, each with its token.
import { globalAgent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { QuiqupAccounts, QuiqupAuthModule } from 'nestjs-quiqup-auth';

const { url, redis, count, warmUp } = JSON.parse(process.argv[2]);
const AT_ONCE = 20;

const app = await NestFactory.createApplicationContext(
  QuiqupAuthModule.forAccounts({
    baseUrl: url,
    resolveCredentials: (clientId) => ({ clientId, clientSecret: 'secret' }),
    maxAccounts: 2 * (count + warmUp),
    ...(redis && { cache: { redis } }),
  }),
  { logger: false },
);
const accounts = app.get(QuiqupAccounts);

async function forEach(from, to, work) {
  for (let next = from; next < to; next += AT_ONCE) {
    const ids = Array.from({ length: Math.min(AT_ONCE, to - next) }, (_, index) => `client-${next + index}`);
    await Promise.all(ids.map(async (id) => work(await accounts.get(id))));
  }
}

async function heap() {
  globalAgent.destroy();
  for (let turn = 0; turn < 4; turn += 1) {
    await pause(50);
    globalThis.gc();
  }
  return process.memoryUsage().heapUsed;
}

const fetchToken = ({ tokens }) => tokens.getAccessToken();
const call = ({ http }) => http.axiosRef.get('/api/fulfilment/orders');

// Created once for all accounts, including compiled code.
await forEach(0, warmUp, fetchToken);
await forEach(0, warmUp, call);
const empty = await heap();
await forEach(warmUp, warmUp + count, fetchToken);
const withTokens = await heap();
await forEach(warmUp, warmUp + count, call);
const withCalls = await heap();
const bytes = { token: (withTokens - empty) / count, call: (withCalls - empty) / count };
process.send({ bytes }, () => process.exit());
