import { expect, it } from '@jest/globals';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { promisify } from 'node:util';
import { RedisServer } from '../playground/src/redis/redis-server.js';
import { eventually } from './support/eventually.js';
import { redisCli } from './support/redis-server.js';

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

it('A Redis of its own takes no command without its password, which no other process can read', async () => {
  const password = 'a-password-of-this-test';
  const redis = await new RedisServer({ neededBy: 'The tests', password }).start();
  try {
    await expect(redisCli(redis.port, 'PING')).rejects.toThrow('NOAUTH');
    expect(redis.url).toBe(`redis://:${password}@127.0.0.1:${redis.port}`);
    const information = await redisCli(redis.port, '--no-auth-warning', '-a', password, 'INFO', 'server');
    const [, pid = ''] = /process_id:(\d+)/.exec(information) ?? [];
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'args=', '-p', pid]);
    expect(stdout).toContain('redis-server');
    expect(stdout).not.toContain(password);
  } finally {
    await redis.stop();
  }
});

const PROGRAM = `
  const { RedisServer } = await import('./playground/dist/redis/redis-server.js');
  const redis = await new RedisServer({ neededBy: 'The tests', isDetached: true }).start();
  console.log(redis.port);
  setInterval(() => {}, 1_000);
`;

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).finally(() => socket.destroy()) as Promise<boolean>;
}

it('A Redis of its own ends with the process that started it, though that was killed', async () => {
  const program = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(program.stdout, 'data')) as [Buffer];
  const port = Number(String(line));
  expect(await isListening(port)).toBe(true);
  const ended = once(program, 'close');
  program.kill('SIGKILL');
  await ended;
  await eventually(async () => !(await isListening(port)), 'Redis has ended');
});
