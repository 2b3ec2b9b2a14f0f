// One instance of an application on the package as it was built, commanded by the driver.
import { NestFactory } from '@nestjs/core';
import { QuiqupAuthModule, QuiqupHttpService, QuiqupTokenService } from 'nestjs-quiqup-auth';
import { createHash } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import { Caller } from './caller.mjs';
import { serveCommands, stopServing, tell } from './commands.mjs';
import { shiftClock } from './shifted-clock.mjs';

const { options, clockOffsetMs } = JSON.parse(process.argv[2]);
shiftClock(clockOffsetMs);

let { clientSecret } = options;
const lines = [];
const record = (message, ...rest) => {
  // Nest's own log lines are not the module's.
  if (String(rest.at(-1)).startsWith('Quiqup')) {
    lines.push(String(message));
  }
};

// The driver needs to know about a token request while it is running. The module's event comes after it.
subscribe('http.client.request.start', ({ request }) => {
  if (request.path.endsWith('/oauth/token')) {
    tell('asks');
  }
});

const app = await NestFactory.createApplicationContext(
  QuiqupAuthModule.forRoot({ ...options, clientSecret: () => clientSecret }),
  { logger: { log: record, warn: record, error: record } },
);
const tokens = app.get(QuiqupTokenService);
const caller = new Caller(app.get(QuiqupHttpService).axiosRef);
const events = {};
tokens.events$.subscribe(({ type }) => {
  events[type] = (events[type] ?? 0) + 1;
});

async function shutDown() {
  await caller.stopAll();
  await app.close();
  if (process.getActiveResourcesInfo().includes('Timeout')) {
    process.stderr.write('A timer runs on after the shutdown.\n');
    process.exitCode = 1;
  }
  // From here on it ends by itself, unless the module has left something open.
  stopServing();
}
process.once('SIGTERM', () => void shutDown());

serveCommands({
  calls: (count, url) => caller.burst(count, url),
  startLoad: (ratePerSecond, url) => caller.start(ratePerSecond, url),
  stopLoad: (id) => caller.stop(id),
  setSecret: (secret) => {
    clientSecret = secret;
  },
  shiftClock,
  report: () => {
    const token = tokens.peek();
    return {
      token: token === undefined ? 'none' : createHash('sha256').update(token).digest('hex').slice(0, 8),
      events,
      lines,
    };
  },
});
tell('ready');
