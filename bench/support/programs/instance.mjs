// Instances of applications, one for each fleet that the bench drives at once, commanded by their driver.
import { setTimeout as pause } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { QuiqupAuthModule, QuiqupHttpService, QuiqupTokenService } from 'nestjs-quiqup-auth';
import { Caller } from '../../../test/fleet/programs/caller.mjs';
import { serveCommands, tell } from '../../../test/fleet/programs/commands.mjs';

/** How many tokens' first sight is remembered. */
const REMEMBERED = 20;

class Instance {
  #changes = 0;
  #storeLosses = 0;
  #last = 'none';
  /** By token, in epoch ms, which processes of one machine have in common. */
  #seenAt = new Map();

  static async start(options) {
    const app = await NestFactory.createApplicationContext(QuiqupAuthModule.forRoot({ ...options, warmUp: 'off' }), {
      logger: false,
    });
    return new Instance(app.get(QuiqupTokenService), new Caller(app.get(QuiqupHttpService).axiosRef));
  }

  constructor(tokens, caller) {
    this.tokens = tokens;
    this.caller = caller;
    tokens.events$.subscribe(({ type, fingerprint }) => {
      this.#storeLosses += type === 'store-lost' ? 1 : 0;
      if ((type === 'acquired' || type === 'adopted') && fingerprint !== this.#last) {
        this.#last = fingerprint;
        this.#changes += 1;
        this.#seenAt.set(fingerprint, performance.timeOrigin + performance.now());
        const [oldest] = this.#seenAt.keys();
        if (this.#seenAt.size > REMEMBERED) {
          this.#seenAt.delete(oldest);
        }
      }
    });
  }

  get state() {
    return { token: this.#last, changes: this.#changes, seenAt: this.#seenAt, storeLosses: this.#storeLosses };
  }
}

const instances = await Promise.all(JSON.parse(process.argv[2]).map((options) => Instance.start(options)));
serveCommands({
  fetchToken: (fleet) => instances[fleet].tokens.getAccessToken().then(() => undefined),
  state: (fleet) => instances[fleet].state,
  calls: (fleet, count) => instances[fleet].caller.burst(count, '/api/fulfilment/orders'),
  startLoad: (fleet, ratePerSecond) => instances[fleet].caller.start(ratePerSecond, '/api/fulfilment/orders'),
  stopLoad: (fleet, id) => instances[fleet].caller.stop(id),
  heap: async () => {
    globalThis.gc();
    await pause(20);
    globalThis.gc();
    return process.memoryUsage().heapUsed;
  },
});
tell('ready');
