import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { QuiqupTokenService } from 'nestjs-quiqup-auth';
import type { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import type { Server } from 'node:http';
import { parseArgs } from 'node:util';
import { AppModule } from './app.module.js';
import { Story } from './demo/story.js';
import { keepTokenJournal } from './demo/token-journal.js';
import { openEnvironment } from './environment.js';
import { OrdersService } from './orders/orders.service.js';
import { portFrom } from './port.js';
import { reasonOf } from './reason.js';
import { say } from './say.js';

/** The routes ask for no login, so only this machine may call them. */
const HOST = '127.0.0.1';
const DRAIN_LIMIT_MS = 3_000;

async function run(stopped: Promise<void>): Promise<void> {
  const { values: flags } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
  const port = flags.once ? 0 : portFrom(process.env);
  const { quiqup, simulator } = await openEnvironment(process.env);
  try {
    const app = await NestFactory.create(AppModule.forRoot(quiqup), {
      logger: ['warn', 'error'],
      // Held back until the start has succeeded: one that fails gives its reason once, in one line.
      bufferLogs: true,
      autoFlushLogs: false,
      abortOnError: false,
    });
    try {
      keepTokenJournal(app.get(QuiqupTokenService));
      await app.listen(port, HOST);
      await Promise.race([start(app, simulator, flags.once), stopped]);
      if (!flags.once) {
        await stopped;
      }
    } finally {
      await close(app);
    }
  } finally {
    await simulator?.stop();
  }
}

/** Proves that tokens can be had before it calls the application started. */
async function start(app: INestApplication, simulator: QuiqupSimulator | undefined, isOnce: boolean): Promise<void> {
  const tokens = app.get(QuiqupTokenService);
  await tokens.getToken();
  app.flushLogs();
  if (simulator !== undefined) {
    await new Story(simulator, tokens, app.get(OrdersService)).play();
  }
  if (!isOnce) {
    say(`Serving POST /orders, GET /orders and GET /health on ${await app.getUrl()} until Ctrl-C.`);
  }
}

/** Calls under way are answered; a connection that asks for nothing, such as a browser's spare one, must not keep us. */
async function close(app: INestApplication): Promise<void> {
  const server = app.getHttpServer() as Server;
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
