import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { randomBytes } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';

/** How the token endpoint answers. */
export type EndpointMode = 'works' | 'fails' | 'stalls' | 'rate-limits';

const RETRY_AFTER_S = 5;
const REQUESTS = 'http.server.request.start';

/** The embedded Quiqup, with faults that last until they are ended. */
export class SimulatedQuiqup {
  endpoint: EndpointMode = 'works';
  private secret: string;

  private constructor(readonly simulator: QuiqupSimulator) {
    this.secret = simulator.clients[0].clientSecret;
    subscribe(REQUESTS, this.meet);
  }

  static async start(lifetime: number): Promise<SimulatedQuiqup> {
    return new SimulatedQuiqup(await new QuiqupSimulator({ lifetime }).start());
  }

  get url(): string {
    return this.simulator.url;
  }

  get lastMileUrl(): string {
    return this.simulator.lastMileUrl;
  }

  get clientId(): string {
    return this.simulator.clients[0].clientId;
  }

  get clientSecret(): string {
    return this.secret;
  }

  changeSecret(): void {
    this.secret = randomBytes(16).toString('hex');
    this.simulator.setSecret(this.clientId, this.secret);
  }

  async stop(): Promise<void> {
    unsubscribe(REQUESTS, this.meet);
    await this.simulator.stop();
  }

  /** One fault for each token request, so that none is left over for when the endpoint works again. */
  private readonly meet = (message: unknown): void => {
    const { request } = message as { request: IncomingMessage };
    if (!this.isTokenRequest(request)) {
      return;
    }
    switch (this.endpoint) {
      case 'fails':
        this.simulator.failNext({ on: 'token', status: 503 });
        break;
      case 'stalls':
        this.simulator.stall(Infinity, { on: 'token' });
        break;
      case 'rate-limits':
        this.simulator.failNext({ on: 'token', status: 429, retryAfter: RETRY_AFTER_S });
        break;
      case 'works':
    }
  };

  /** Both of its servers issue tokens; the process may have other servers. */
  private isTokenRequest({ method, url, socket }: IncomingMessage): boolean {
    const port = String(socket.localPort);
    const isOurs = [this.url, this.lastMileUrl].some((origin) => new URL(origin).port === port);
    return isOurs && method === 'POST' && url?.split('?')[0] === '/oauth/token';
  }
}
