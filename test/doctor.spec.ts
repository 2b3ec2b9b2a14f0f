import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { RedisServer } from './support/redis-server.js';

const MAIN = resolve('dist', 'cli', 'main.js');
const SECRET = 'a-secret-of-mine';

interface Diagnosis {
  readonly code: number;
  readonly lines: readonly string[];
  readonly stderr: string;
}

let simulator: QuiqupSimulator;
let env: Record<string, string>;
const ending: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  const client = { clientId: 'a-client-of-mine', clientSecret: SECRET };
  simulator = await new QuiqupSimulator({ clients: [client] }).start();
  ending.push(() => simulator.stop());
  env = { QUIQUP_BASE_URL: simulator.url, QUIQUP_CLIENT_ID: client.clientId, QUIQUP_CLIENT_SECRET: SECRET };
});

afterEach(async () => {
  await Promise.all(ending.splice(0).map((end) => end()));
});

async function run(args: readonly string[], cwd = '.'): Promise<Diagnosis> {
  const settings = { cwd, env: { PATH: process.env['PATH'], ...env } };
  const { code, stdout, stderr } = await promisify(execFile)(process.execPath, [MAIN, ...args], settings).then(
    (output) => ({ code: 0, ...output }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
  expect(stdout + stderr).not.toContain(SECRET);
  return { code, lines: stdout.split('\n'), stderr };
}

const doctor = (...args: string[]): Promise<Diagnosis> => run(['doctor', ...args]);

/** The problems, and the line that says how to fix each. */
const problemsOf = ({ lines }: Diagnosis): string[][] =>
  lines.flatMap((line, index) => (line.startsWith('✗ ') ? [[line.slice(2), lines[index + 1]?.trim() ?? '']] : []));

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'quiqup-doctor-'));
  ending.push(() => rm(folder, { recursive: true }));
  return folder;
}

/** An application in which just the manifests of packages are. */
async function applicationWith(
  installed: Readonly<Record<string, string>>,
  scripts: Readonly<Record<string, string>> = {},
): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'an-application', scripts }));
  for (const [name, version] of Object.entries(installed)) {
    await mkdir(join(folder, 'node_modules', name), { recursive: true });
    await writeFile(join(folder, 'node_modules', name, 'package.json'), JSON.stringify({ name, version }));
  }
  return folder;
}

describe('The doctor', () => {
  it('finds all well, by one token request', async () => {
    const redis = await RedisServer.start();
    ending.push(() => redis.stop());
    env['REDIS_URL'] = redis.url;
    const { origin } = new URL(simulator.url);
    const found = await doctor();
    expect(found.lines).toEqual(
      expect.arrayContaining([
        `✓ Node ${process.versions.node}`,
        '✓ QUIQUP_CLIENT_SECRET is set',
        `✓ ${origin} (token endpoint, platform, last mile) answers`,
        `✓ The credentials belong to ${origin}: Quiqup gives a token for 3600 s`,
        `✓ Redis at ${redis.url} takes and gives back what is stored`,
        'No problems found.',
      ]),
    );
    expect(found).toMatchObject({ code: 0, stderr: '' });
    expect(problemsOf(found)).toEqual([]);
    expect(simulator.counters.tokenRequests).toBe(1);
    expect(await redis.keys()).toEqual([]);
  });

  it('says that the token is not shared without Redis, which is no problem', async () => {
    const found = await doctor();
    expect(found.code).toBe(0);
    expect(found.lines.join('\n')).toContain('- REDIS_URL is not set: each process gets its own token.');
  });

  it('says which variables are missing or wrong, and asks nobody', async () => {
    env = { QUIQUP_CLIENT_ID: `"${SECRET}"`, QUIQUP_BASE_URL: 'ftp://quiqup', QUIQUP_LAST_MILE_URL: 'quiqup' };
    const found = await doctor();
    expect(found.code).toBe(1);
    expect(problemsOf(found)).toEqual([
      ['QUIQUP_CLIENT_ID has white space or quotes around it', 'Set it without them.'],
      [
        'QUIQUP_CLIENT_SECRET is not set',
        expect.stringMatching(/^QUIQUP_CLIENT_SECRET is required: a non-empty string/),
      ],
      ['QUIQUP_BASE_URL is wrong', expect.stringContaining('must be a URL with https')],
      ['QUIQUP_LAST_MILE_URL is wrong', expect.stringMatching(/^QUIQUP_LAST_MILE_URL must be a URL with https/)],
    ]);
    expect(found.lines).toContain('- The checks of Quiqup and Redis need the right variables first');
  });

  it('names the variables of an environment in which none is set', async () => {
    env = {};
    expect(problemsOf(await doctor())).toEqual([
      ['QUIQUP_CLIENT_ID is not set', expect.stringMatching(/^QUIQUP_CLIENT_ID is required/)],
      ['QUIQUP_CLIENT_SECRET is not set', expect.stringMatching(/^QUIQUP_CLIENT_SECRET is required/)],
      ['QUIQUP_ENVIRONMENT is not set', expect.stringMatching(/^QUIQUP_ENVIRONMENT is required.*give QUIQUP_BASE_URL/)],
    ]);
  });

  it('looks at the host of the last-mile API as well', async () => {
    env['QUIQUP_LAST_MILE_URL'] = 'http://127.0.0.1:1/';
    const found = await doctor();
    expect(problemsOf(found)).toEqual([
      [
        'http://127.0.0.1:1 (last mile) cannot be reached (ECONNREFUSED)',
        'Nothing listens there: check host and port.',
      ],
    ]);
    expect(found.lines).toContain(`✓ ${new URL(simulator.url).origin} (token endpoint, platform) answers`);
    expect(simulator.counters.tokenRequests).toBe(1);
  });

  it('says that the credentials are refused', async () => {
    env['QUIQUP_CLIENT_ID'] = 'somebody else';
    const found = await doctor();
    expect(found.code).toBe(1);
    expect(problemsOf(found)).toEqual([
      [
        `The credentials do not belong to ${new URL(simulator.url).origin}, or are wrong (QUIQUP_CREDENTIALS_REFUSED)`,
        expect.stringContaining('staging and production'),
      ],
    ]);
  });

  it('says that the host cannot be reached, and still looks at Redis', async () => {
    await simulator.stop();
    env['REDIS_URL'] = `redis://user:${SECRET}@127.0.0.1:1`;
    const found = await doctor();
    expect(found.code).toBe(1);
    expect(problemsOf(found)).toEqual([
      [expect.stringContaining('cannot be reached (ECONNREFUSED)'), 'Nothing listens there: check host and port.'],
      [expect.stringMatching(/^Redis at redis:\/\/127\.0\.0\.1:1 does not work/), expect.stringContaining('REDIS_URL')],
    ]);
    expect(found.lines).toContain('- The check of the credentials needs a token endpoint that answers');
  });

  it('says that the name of the host cannot be resolved', async () => {
    env['QUIQUP_BASE_URL'] = 'https://quiqup.invalid';
    const found = await doctor();
    expect(problemsOf(found)).toEqual([
      [
        expect.stringMatching(/^https:\/\/quiqup\.invalid \(.*\) cannot be reached \((?:ENOTFOUND|EAI_AGAIN)\)/),
        expect.stringContaining('check its spelling'),
      ],
    ]);
  });

  it('says that the answer is not one of Quiqup', async () => {
    simulator.failNext({ on: 'token', status: 200, body: '<html>Log in</html>' });
    expect(problemsOf(await doctor())).toEqual([
      ['Quiqup gives no token (QUIQUP_TOKEN_RESPONSE_INVALID)', expect.stringContaining('baseUrl')],
    ]);
  });

  it.each([
    ['a password', ['--requirepass', SECRET], 'Check user name and password in REDIS_URL.'],
    ['to be written to its primary', ['--replicaof', '127.0.0.1', '1'], 'give the address of the primary'],
    ['more memory', ['--maxmemory', '1'], 'check its disk and its memory'],
  ])('says what to do where Redis wants %s', async (_, options, remedy) => {
    const redis = await RedisServer.start({ options });
    ending.push(() => redis.stop());
    env['REDIS_URL'] = redis.url;
    const found = await doctor();
    expect(found.code).toBe(1);
    expect(problemsOf(found)).toEqual([[expect.stringContaining('does not work'), expect.stringContaining(remedy)]]);
  });

  const NEEDED = ['set', 'get', 'pttl', 'unlink', 'del', 'eval'];
  const asUser = async (...rules: readonly string[]): Promise<RedisServer> => {
    const redis = await RedisServer.start();
    ending.push(() => redis.stop());
    await redis.command('ACL', 'SETUSER', 'app', 'on', `>${SECRET}`, ...rules);
    env['REDIS_URL'] = `redis://app:${SECRET}@127.0.0.1:${redis.port}`;
    return redis;
  };

  it.each(NEEDED)('names the command that a user of Redis lacks (%s)', async (command) => {
    await asUser('~quiqup-auth:*', ...NEEDED.filter((one) => one !== command).map((one) => `+${one}`));
    expect(problemsOf(await doctor())).toEqual([
      [
        expect.stringContaining('does not work'),
        expect.stringMatching(new RegExp(`^Allow the user ${command}\\.`, 'i')),
      ],
    ]);
  });

  it('names the keys that a user of Redis lacks, and the right to select a database', async () => {
    const redis = await asUser('~shop:*', ...NEEDED.map((one) => `+${one}`));
    expect(problemsOf(await doctor())[0]?.[1]).toContain('keys that begin with quiqup-auth:');
    await redis.command('ACL', 'SETUSER', 'app', '~quiqup-auth:*');
    expect(problemsOf(await doctor())).toEqual([]);
    env['REDIS_URL'] += '/3';
    expect(problemsOf(await doctor())).toEqual([
      [expect.stringContaining(`127.0.0.1:${redis.port}/3 does not work`), expect.stringContaining('SELECT')],
    ]);
  });

  it('does not wait for a Redis that says nothing', async () => {
    const redis = await RedisServer.start();
    ending.push(() => redis.stop());
    redis.freeze();
    env['REDIS_URL'] = redis.url;
    expect(problemsOf(await doctor())).toEqual([[expect.stringContaining('does not work'), expect.any(String)]]);
  });

  it('reads the variables of a file, unless they are set', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'some.env');
    await writeFile(file, `QUIQUP_CLIENT_SECRET=${SECRET}\nQUIQUP_CLIENT_ID=not-this\n`);
    delete env['QUIQUP_CLIENT_SECRET'];
    expect(await doctor('--env', file)).toMatchObject({ code: 0 });
    const found = await doctor('--env', join(folder, 'none'));
    expect(problemsOf(found)[0]?.[0]).toMatch(/none cannot be read \(ENOENT\)$/);
  });

  it('says which packages are missing or too old, and that they come first', async () => {
    const folder = await applicationWith({
      '@nestjs/common': '10.4.0',
      'nestjs-quiqup-auth': '0.1.0',
      keyv: '6.1.0',
    });
    const found = await run(['doctor'], folder);
    expect(found.code).toBe(1);
    expect(problemsOf(found)).toEqual(
      expect.arrayContaining([
        ['@nestjs/common 10.4.0 does not fit', expect.stringContaining('npm install @nestjs/common@11')],
        ['keyv 6.1.0 does not fit', 'It must be ^5.6.0: npm install keyv@5'],
        ['axios is not installed', 'npm install axios@1'],
      ]),
    );
    expect(found.lines).toContain('- The other checks need the right packages first');
    expect(simulator.counters.tokenRequests).toBe(0);
  });

  it('follows the Nest that is installed', async () => {
    const folder = await applicationWith({
      '@nestjs/common': '11.2.10',
      '@nestjs/core': '11.2.10',
      '@nestjs/axios': '12.0.1',
    });
    expect(problemsOf(await run(['doctor'], folder))).toEqual(
      expect.arrayContaining([
        ['@nestjs/axios 12.0.1 does not fit Nest 11', 'npm install @nestjs/axios@4'],
        ['@nestjs/schedule is not installed', 'npm install @nestjs/schedule@6'],
      ]),
    );
  });

  it('leads from Nest 10, which is not supported, to Nest 11', async () => {
    const folder = await applicationWith({ '@nestjs/common': '10.4.22', '@nestjs/axios': '4.0.1', jest: '30.0.0' });
    const { lines } = await run(['doctor'], folder);
    expect(lines).toContain('    It must be ^11.0.0 || ^12.0.0: npm install @nestjs/common@11');
    expect(lines).toContain('✓ @nestjs/axios 4.0.1');
    expect(lines.join('\n')).not.toContain('Jest');
  });

  it('says that Jest needs a flag for Nest 12', async () => {
    const folder = await applicationWith({ '@nestjs/common': '12.1.0', jest: '30.0.0' }, { test: 'jest' });
    const flag = expect.stringContaining('--experimental-vm-modules');
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    const isNeeded = major < 24 || (major === 24 && minor < 9);
    expect(problemsOf(await run(['doctor'], folder))).toEqual(
      isNeeded
        ? expect.arrayContaining([['Jest cannot load Nest 12, which consists of ES modules', flag]])
        : expect.not.arrayContaining([['Jest cannot load Nest 12, which consists of ES modules', flag]]),
    );
    const ready = await applicationWith(
      { '@nestjs/common': '12.1.0', jest: '30.0.0' },
      { test: 'node --experimental-vm-modules node_modules/jest/bin/jest.js' },
    );
    expect((await run(['doctor'], ready)).lines).toContain('✓ Jest loads ES modules');
  });

  it('says one thing where there is no application', async () => {
    const found = await run(['doctor'], await temporaryFolder());
    expect(found).toMatchObject({ code: 1 });
    expect(found.lines.slice(0, -1)).toEqual([
      '✗ There is no package.json here',
      "    Run it in your application's folder.",
      '',
      '1 problem to fix.',
    ]);
  });

  it('has its findings as JSON, too', async () => {
    const { code, lines } = await doctor('--json');
    const found = JSON.parse(lines.join('\n')) as { problems: number; findings: object[] };
    expect([code, found.problems]).toEqual([0, 0]);
    expect(found.findings).toContainEqual({ status: 'ok', text: `Node ${process.versions.node}` });
  });

  it('ends without a word when nobody reads on', async () => {
    const shell = `"${process.execPath}" "${MAIN}" doctor | head -1`;
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', shell], {
      env: { PATH: process.env['PATH'], ...env },
    });
    expect([stdout, stderr]).toEqual([`✓ Node ${process.versions.node}\n`, '']);
  });

  it('says that a package is there twice', async () => {
    const folder = await applicationWith({});
    const twice = ['node_modules/axios', 'node_modules/nestjs-quiqup-auth/node_modules/axios'];
    for (const path of [...twice, 'node_modules/nestjs-quiqup-auth']) {
      await mkdir(join(folder, path), { recursive: true });
      await writeFile(join(folder, path, 'package.json'), JSON.stringify({ version: '1.21.1' }));
    }
    const found = await run(['doctor'], folder);
    expect(problemsOf(found)).toEqual(
      expect.arrayContaining([
        [
          'axios is installed twice: nestjs-quiqup-auth uses another copy than your application',
          expect.stringContaining('npm ls axios'),
        ],
      ]),
    );
  });
});

describe('The command line', () => {
  it('says how it is used', async () => {
    const { code, lines } = await run(['doctor', '--help']);
    expect(code).toBe(0);
    expect(lines[0]).toBe('Usage: nestjs-quiqup-auth doctor [--env <file>] [--json]');
    const { lines: all } = await run(['--help']);
    const { lines: version } = await run(['--version']);
    expect(version).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+$/), '']);
    expect(all.join('\n')).toMatch(/^Usage: nestjs-quiqup-auth <command>[^]*doctor[^]*simulator/);
  });

  it.each([
    [[], /^A command is missing\./],
    [['nurse'], /^There is no command 'nurse'\./],
    [['doctor', '--unknown'], /--unknown/],
    [['doctor', '--env'], /--env/],
  ])('refuses %j', async (args, reason) => {
    const { code, stderr } = await run(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(reason);
    expect(stderr).toMatch(/^.* run `nestjs-quiqup-auth.* --help`\.\n$/);
  });
});
