import { expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { RedisServer } from '../sample-app/src/redis/redis-server.js';

/** A server whose port another program takes just before it starts for the first time. */
class LateRedisServer extends RedisServer {
  rival: Server | undefined;

  override async restart(): Promise<void> {
    if (this.rival === undefined) {
      this.rival = createServer().listen(this.port, '127.0.0.1');
      await once(this.rival, 'listening');
    }
    await super.restart();
  }
}

it('A Redis of its own starts on another port when its port was taken meanwhile', async () => {
  const redis = new LateRedisServer({ neededBy: 'The tests' });
  try {
    await redis.start();
    expect(redis.rival?.address()).not.toMatchObject({ port: redis.port });
    expect(redis.isRunning).toBe(true);
  } finally {
    await redis.stop();
    redis.rival?.close();
  }
});
