import type { QuiqupTokenService } from 'nestjs-quiqup-auth';
import type { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { filter, firstValueFrom, throwError, timeout } from 'rxjs';
import type { FulfilmentService } from 'sample-app/fulfilment/fulfilment.service.js';
import type { Delivery, LastMileService } from 'sample-app/last-mile/last-mile.service.js';
import { say } from '../say.js';

const RENEWAL_LIMIT_MS = 10_000;
/** In the dashboard, a token's whole life is to be seen in a minute. */
const LIFETIME_AFTERWARDS_S = 30;

/** Shows the life of a token with the simulator. Rejects if a step fails. */
export class Story {
  constructor(
    private readonly simulator: QuiqupSimulator,
    private readonly tokens: QuiqupTokenService,
    private readonly fulfilment: FulfilmentService,
    private readonly lastMile: LastMileService,
  ) {}

  async play(): Promise<void> {
    await this.createFulfilmentOrder();
    const delivery = await this.createDelivery();
    await this.fetchLabel(delivery);
    await this.recoverFromRevocation();
    await this.watchRenewal();
    this.simulator.lifetime = LIFETIME_AFTERWARDS_S;
  }

  private async createFulfilmentOrder(): Promise<void> {
    const { id } = await this.fulfilment.createOrder({ partner_order_id: 'first' });
    say(`Fulfilment order ${id} created.`);
  }

  private async createDelivery(): Promise<Delivery> {
    const delivery = await this.lastMile.createDelivery({ partner_order_id: 'first' });
    say(`Last-mile order ${delivery.id} created with the same token.`);
    return delivery;
  }

  private async fetchLabel({ id }: Delivery): Promise<void> {
    const label = await this.lastMile.label(id);
    say(`Label of last-mile order ${id} fetched: ${label.length} bytes of PDF.`);
  }

  private async recoverFromRevocation(): Promise<void> {
    const before = { ...this.simulator.counters };
    const revoked = this.simulator.revokeAll();
    say(`Quiqup revoked ${revoked} token(s) behind our back.`);
    const { id } = await this.lastMile.createDelivery({ partner_order_id: 'second' });
    const after = this.simulator.counters;
    const refusals = after.unauthorized - before.unauthorized;
    const tokenRequests = after.tokenRequests - before.tokenRequests;
    if (refusals === 0) {
      throw new Error('The revoked token was not refused, so there was nothing to recover from.');
    }
    say(
      `Last-mile order ${id} created all the same: the call recovered from ${refusals} x 401 with ${tokenRequests} token request(s).`,
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
