// One more instance of the application, in a process of its own that a dashboard watches.
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { QuiqupAuthModule } from 'nestjs-quiqup-auth';
import { ApiModule } from 'sample-app/api.module.js';
import { optionsFrom } from '../environment.js';
import { reasonOf } from '../reason.js';
import { InstanceReporter } from './instance-reporter.js';
import { InstanceModule } from './instance.module.js';
import { LoadGenerator } from './load-generator.js';
import type { FromInstance, ToInstance } from './messages.js';
import { OwnSecret } from './own-secret.js';

@Module({})
class InstanceProcessModule {}

async function run(): Promise<void> {
  const secret = new OwnSecret(process.env['QUIQUP_CLIENT_SECRET'] ?? '');
  const quiqup = optionsFrom(process.env, () => secret.value);
  const app = await NestFactory.createApplicationContext(
    { module: InstanceProcessModule, imports: [QuiqupAuthModule.forRoot(quiqup), ApiModule, InstanceModule] },
    { logger: ['warn', 'error'], abortOnError: false },
  );
  const load = app.get(LoadGenerator);
  process.on('message', (message: ToInstance) => {
    switch (message.type) {
      case 'rate':
        load.setRate(message.perSecond);
        break;
      case 'secret':
        secret.value = message.secret;
        break;
      case 'stop':
        void app.close().then(stopListening);
    }
  });
  app.get(InstanceReporter).report((observation) => tell({ type: 'observation', observation }));
  tell({ type: 'ready' });
}

function tell(message: FromInstance): void {
  if (process.connected) {
    // The dashboard may be gone by the time that this is written.
    process.send?.(message, undefined, undefined, () => undefined);
  }
}

/** The channel is the last thing that keeps this process. */
function stopListening(): void {
  process.off('disconnect', endAtOnce);
  if (process.connected) {
    process.disconnect();
  }
}

function endAtOnce(): void {
  process.exit(1);
}

// However the dashboard's process ends, its instances end with it.
process.on('disconnect', endAtOnce);
try {
  await run();
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exitCode = 1;
  stopListening();
}
