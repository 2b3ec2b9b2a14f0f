import type { OnApplicationBootstrap, OnApplicationShutdown, OnModuleDestroy } from '@nestjs/common';
import type { AccountRuntime } from './accounts/index.js';
import type { QuiqupAuthConfig } from './config/index.js';
import type { Coordination } from './store/index.js';
import type { TokenClient } from './token/index.js';

/**
 * Ties one registered account to the application's life: the first token on bootstrap, no timer from its destruction
 * on, no connection after its shutdown.
 */
export class AccountLifecycle implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  constructor(
    private readonly config: Pick<QuiqupAuthConfig, 'warmUp'>,
    private readonly coordination: Coordination,
    private readonly runtime: AccountRuntime,
    private readonly tokenClient: TokenClient,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.runtime.announceFirstToken();
    await this.runtime.refresher.warmUp(this.config.warmUp);
  }

  onModuleDestroy(): void {
    this.runtime.stopAhead();
    this.coordination.stopReconnecting();
  }

  /** Not earlier: until now the HTTP server has answered the last requests, which may need a token. */
  async onApplicationShutdown(): Promise<void> {
    await this.runtime.close();
    this.tokenClient.close();
    await this.coordination.close();
  }
}
