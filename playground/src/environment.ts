import { randomBytes } from 'node:crypto';
import { quiqupAuthOptionsFromEnv, type QuiqupAuthModuleOptions } from 'nestjs-quiqup-auth';
import { RedisServer } from './redis/redis-server.js';
import { say } from './say.js';
import { SimulatedQuiqup } from './simulator/simulated-quiqup.js';

/** So short that a renewal ahead of time can be watched. */
const SIMULATED_LIFETIME_S = 5;
const CALL_LIMIT_MS = 10_000;

/** The Quiqup and the Redis of the instances, and which of them this application started. */
export class Environment {
  private constructor(
    /** The environment variables with both addresses. */
    readonly variables: Readonly<Record<string, string | undefined>>,
    readonly quiqup: SimulatedQuiqup | undefined,
    readonly redis: RedisServer | undefined,
  ) {}

  /**
   * The real Quiqup when there is a client id for it, else a simulated one.
   *
   * @param isShared whether instances need a Redis to share the token
   */
  static async open(variables: NodeJS.ProcessEnv, { isShared }: { isShared: boolean }): Promise<Environment> {
    const redis = isShared && !variables['REDIS_URL'] ? await startRedis() : undefined;
    const redisUrl = redis?.url ?? variables['REDIS_URL'];
    if (variables['QUIQUP_CLIENT_ID']) {
      return new Environment({ ...variables, REDIS_URL: redisUrl }, undefined, redis);
    }
    const quiqup = await SimulatedQuiqup.start(SIMULATED_LIFETIME_S);
    say(`QUIQUP_CLIENT_ID is not set, so a simulated Quiqup stands in:`);
    say(`fulfilment on ${quiqup.url}, last mile on ${quiqup.lastMileUrl}`);
    const simulated = {
      ...variables,
      QUIQUP_ENVIRONMENT: undefined,
      QUIQUP_BASE_URL: quiqup.url,
      QUIQUP_LAST_MILE_URL: quiqup.lastMileUrl,
      QUIQUP_CLIENT_ID: quiqup.clientId,
      QUIQUP_CLIENT_SECRET: quiqup.clientSecret,
      REDIS_URL: isShared ? redisUrl : undefined,
    };
    return new Environment(simulated, quiqup, redis);
  }

  /** Whether instances share the token. */
  get isShared(): boolean {
    return Boolean(this.variables['REDIS_URL']);
  }

  async close(): Promise<void> {
    await this.quiqup?.stop();
    await this.redis?.stop();
  }
}

/** With a random password, because another program with write access could disturb the instances. */
function startRedis(): Promise<RedisServer> {
  const password = randomBytes(32).toString('hex');
  return new RedisServer({ neededBy: 'Instances that share a token', isDetached: true, password }).start();
}

/** The module's options in one instance, whose secret may change while it runs. */
export function optionsFrom(variables: Environment['variables'], secret: () => string): QuiqupAuthModuleOptions {
  return { ...quiqupAuthOptionsFromEnv(variables), clientSecret: secret, http: { timeout: CALL_LIMIT_MS } };
}
