import { RedisServer } from '../../support/redis-server.js';
import { Fleet, type FleetOptions } from './fleet.js';

type Options = Omit<FleetOptions, 'redis'>;

/** A fleet from its start to its end, which every instance must find by itself. */
export async function withFleet(options: FleetOptions, story: (fleet: Fleet) => Promise<void>): Promise<void> {
  const fleet = await Fleet.start(options);
  try {
    await story(fleet);
    await fleet.end();
  } finally {
    await fleet.kill();
  }
}

/** A fleet with a Redis of its own, which may be broken; with `before`, at boot already. */
export async function withFleetAndRedis(
  options: Options & { readonly before?: (redis: RedisServer) => Promise<void> },
  story: (fleet: Fleet, redis: RedisServer) => Promise<void>,
): Promise<void> {
  const redis = await RedisServer.start();
  try {
    await options.before?.(redis);
    await withFleet({ ...options, redis: redis.url }, (fleet) => story(fleet, redis));
  } finally {
    await redis.stop();
  }
}

/** Prints what a scenario found, one line each. */
export function print(scenario: string, figures: Readonly<Record<string, number | string>>): void {
  const found = Object.entries(figures).map(([what, value]) => `${value} ${what}`);
  process.stderr.write(`fleet: ${scenario}: ${found.join(', ')}\n`);
}
