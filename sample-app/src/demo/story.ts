import type { QuiqupTokenService } from 'nestjs-quiqup-auth';
import type { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { filter, firstValueFrom, throwError, timeout } from 'rxjs';
import type { OrdersService } from '../orders/orders.service.js';
import { say } from '../say.js';

const RENEWAL_LIMIT_MS = 10_000;
/** In the dashboard, a token's whole life is to be seen in a minute. */
const LIFETIME_AFTERWARDS_S = 30;

/** What a token goes through, played against the simulator; rejects when a chapter does not come true. */
export class Story {
  constructor(
    private readonly simulator: QuiqupSimulator,
    private readonly tokens: QuiqupTokenService,
    private readonly orders: OrdersService,
  ) {}

  async play(): Promise<void> {
    await this.createOrder();
    await this.recoverFromRevocation();
    await this.watchRenewal();
    this.simulator.lifetime = LIFETIME_AFTERWARDS_S;
  }

  private async createOrder(): Promise<void> {
    const { id } = await this.orders.create({ reference: 'first' });
    say(`Order ${id} created.`);
  }

  private async recoverFromRevocation(): Promise<void> {
    const before = { ...this.simulator.counters };
    const revoked = this.simulator.revokeAll();
    say(`Quiqup revoked ${revoked} token(s) behind our back.`);
    const { id } = await this.orders.create({ reference: 'second' });
    const after = this.simulator.counters;
    const refusals = after.unauthorized - before.unauthorized;
    const tokenRequests = after.tokenRequests - before.tokenRequests;
    if (refusals === 0) {
      throw new Error('The revoked token was not refused, so there was nothing to recover from.');
    }
    say(
      `Order ${id} created all the same: the call recovered from ${refusals} x 401 with ${tokenRequests} token request(s).`,
    );
  }

  private async watchRenewal(): Promise<void> {
    const former = await this.tokens.getToken();
    const tooLate = new Error(`Token ${former.fingerprint} was not renewed ahead of time.`);
    await firstValueFrom(
      this.tokens.events$.pipe(
        filter((event) => event.type === 'acquired' && event.cause === 'schedule'),
        timeout({ first: RENEWAL_LIMIT_MS, with: () => throwError(() => tooLate) }),
      ),
    );
    const aheadMs = former.expiresAt.getTime() - Date.now();
    if (aheadMs <= 0) {
      throw tooLate;
    }
    say(`That renewal came ${(aheadMs / 1_000).toFixed(1)} s before token ${former.fingerprint} ends.`);
  }
}
