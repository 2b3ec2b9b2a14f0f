// nestjs-cls is CommonJS and loads Nest by `require`, which Jest cannot do before Node 24.9.
import { NestFactory } from '@nestjs/core';
import { CLS_ID, ClsModule, ClsService } from 'nestjs-cls';
import { QuiqupAuthModule, QuiqupHttpService, QuiqupTokenService } from 'nestjs-quiqup-auth';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { setTimeout as pause } from 'node:timers/promises';

const simulator = await new QuiqupSimulator({ lifetime: 1 }).start();
const { clientId, clientSecret } = simulator.clients[0];
const seen = { calls: [], events: [], credentials: [] };
let cls;
const idNow = () => cls.getId() ?? 'nobody';

const options = {
  baseUrl: simulator.url,
  clientId,
  clientSecret: () => {
    seen.credentials.push(idNow());
    return clientSecret;
  },
  warmUp: 'off',
};
const app = await NestFactory.createApplicationContext(
  { ...QuiqupAuthModule.forRoot(options), imports: [ClsModule.forRoot({ global: true })] },
  { logger: false },
);
cls = app.get(ClsService);
app.get(QuiqupTokenService).events$.subscribe(() => seen.events.push(idNow()));
const { axiosRef } = app.get(QuiqupHttpService);
for (const side of [axiosRef.interceptors.request, axiosRef.interceptors.response]) {
  side.use((passing) => {
    seen.calls.push(idNow());
    return passing;
  });
}
for (const id of ['Alice', 'Bob']) {
  await cls.run(async () => {
    cls.set(CLS_ID, id);
    await axiosRef.get('/api/fulfilment/inventory');
  });
  simulator.revokeAll();
}
await pause(1_500);
await app.close();
await simulator.stop();
process.stdout.write(JSON.stringify(seen));
