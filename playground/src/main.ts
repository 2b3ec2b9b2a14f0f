import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { QuiqupAuthModule, QuiqupTokenService } from 'nestjs-quiqup-auth';
import { ApiModule } from 'sample-app/api.module.js';
import { readArguments, type Arguments } from './arguments.js';
import { DashboardModule } from './dashboard/dashboard.module.js';
import { servePage } from './dashboard/page.js';
import { Story } from './demo/story.js';
import { keepTokenJournal } from './demo/token-journal.js';
import { Environment, optionsFrom } from './environment.js';
import { FulfilmentService } from 'sample-app/fulfilment/fulfilment.service.js';
import { Fleet } from './instances/fleet.js';
import { OwnSecret } from './instances/own-secret.js';
import { LastMileService } from 'sample-app/last-mile/last-mile.service.js';
import { ownOriginOnly } from './own-origin.js';
import { reasonOf } from './reason.js';
import { say } from './say.js';

const DRAIN_LIMIT_MS = 3_000;
/** Each instance's share of the calls that the dashboard begins with. */
const CALLS_PER_SECOND = 4;

@Module({})
class PlaygroundModule {}

async function run(stopped: Promise<void>): Promise<void> {
  const args = readArguments(process.env);
  const environment = await Environment.open(process.env, { isShared: args.instances > 1 });
  try {
    const app = await NestFactory.create<NestExpressApplication>(rootModule(environment), {
      logger: ['warn', 'error'],
      // Held back until the start has succeeded: one that fails gives its reason once, in one line.
      bufferLogs: true,
      autoFlushLogs: false,
      abortOnError: false,
    });
    try {
      app.disable('x-powered-by');
      app.use(ownOriginOnly(args.host));
      servePage(app);
      await app.listen(args.port, args.host);
      await Promise.race([start(app, environment, args), stopped]);
      if (!args.isOnce) {
        await stopped;
      }
    } finally {
      await close(app);
    }
  } finally {
    await environment.close();
  }
}

function rootModule(environment: Environment) {
  const secret = new OwnSecret(environment.variables['QUIQUP_CLIENT_SECRET'] ?? '');
  const quiqup = optionsFrom(environment.variables, () => secret.value);
  return {
    module: PlaygroundModule,
    imports: [QuiqupAuthModule.forRoot(quiqup), ApiModule, DashboardModule.forRoot(environment, secret)],
  };
}

/** Proves that tokens can be had before it calls the application started. */
async function start(
  app: NestExpressApplication,
  { quiqup }: Environment,
  { isOnce, instances }: Arguments,
): Promise<void> {
  const tokens = app.get(QuiqupTokenService);
  const journal = keepTokenJournal(tokens);
  await tokens.getToken();
  app.flushLogs();
  if (quiqup !== undefined) {
    await new Story(quiqup.simulator, tokens, app.get(FulfilmentService), app.get(LastMileService)).play();
  }
  if (isOnce) {
    return;
  }
  const fleet = app.get(Fleet);
  await Promise.all(Array.from({ length: instances - 1 }, () => fleet.add()));
  if (quiqup !== undefined) {
    journal.unsubscribe();
    fleet.setRate(instances * CALLS_PER_SECOND);
  }
  const url = await app.getUrl();
  say(`Serving /orders, /inventory, /deliveries, /deliveries/ID/label and /health on ${url} until Ctrl-C.`);
  say(`See it work: the dashboard is at ${url}/`);
}

/** Calls under way are answered; a connection that asks for nothing, such as a browser's spare one, must not keep us. */
async function close(app: NestExpressApplication): Promise<void> {
  const server = app.getHttpServer();
  setTimeout(() => server.closeAllConnections(), DRAIN_LIMIT_MS).unref();
  await app.close();
}

// Under npm a Ctrl-C arrives twice: from the terminal, and passed on by npm. So signals are heard for good.
const stopped = new Promise<void>((resolve) => {
  process.on('SIGINT', resolve).on('SIGTERM', resolve);
});
// Nothing is open any more by then. Left to itself, Node drops the handlers some ms before it ends, and a second Ctrl-C
// in between would turn a clean stop into a kill.
process.once('beforeExit', () => process.exit());

try {
  await run(stopped);
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exitCode = 1;
}
