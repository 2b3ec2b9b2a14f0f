// One boot of an application, with what its settings say.
import { setTimeout as pause } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';

const { alone = false, accounts = 0 } = JSON.parse(process.argv[2]);
const imports = [];
const importingSince = performance.now();
if (alone) {
  const [{ HttpModule }, { CacheModule }, { ScheduleModule }] = await Promise.all([
    import('@nestjs/axios'),
    import('@nestjs/cache-manager'),
    import('@nestjs/schedule'),
  ]);
  imports.push(HttpModule, CacheModule.register(), ScheduleModule.forRoot());
}
const aloneTook = performance.now() - importingSince;
if (accounts > 0) {
  const { QuiqupAuthModule } = await import('nestjs-quiqup-auth');
  for (let account = 0; account < accounts; account += 1) {
    imports.push(
      QuiqupAuthModule.forRoot({
        ...(account > 0 && { name: `account-${account}` }),
        environment: 'staging',
        clientId: `client-${account}`,
        clientSecret: 'secret',
        warmUp: 'off',
      }),
    );
  }
}
const importTook = performance.now() - importingSince;

function AppModule() {}
const app = await NestFactory.create({ module: AppModule, imports }, new ExpressAdapter(), { logger: false });
await app.listen(0, '127.0.0.1');
// From the start of the process.
const listeningAfter = performance.now();
for (let turn = 0; turn < 3; turn += 1) {
  await pause(10);
  globalThis.gc();
}
const heap = process.memoryUsage().heapUsed;
process.send({ importTook, ownImportTook: importTook - aloneTook, listeningAfter, heap }, () => process.exit());
