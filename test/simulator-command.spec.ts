import { afterEach, describe, expect, it } from '@jest/globals';
import axios from 'axios';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { eventually } from './support/eventually.js';
import { Program } from './support/program.js';

const MAIN = resolve('dist', 'cli', 'main.js');
const ANY_PORTS = ['--port', '0', '--last-mile-port', '0'];

interface Variables {
  readonly QUIQUP_BASE_URL: string;
  readonly QUIQUP_LAST_MILE_URL: string;
  readonly QUIQUP_CLIENT_ID: string;
  readonly QUIQUP_CLIENT_SECRET: string;
}

/** The command as it runs in a terminal. */
class Terminal extends Program {
  constructor(args: readonly string[], main = MAIN) {
    super(main, {}, ...args);
  }

  async variables(): Promise<Variables> {
    await eventually(() => this.stdout.includes('QUIQUP_CLIENT_SECRET'), 'it told the variables');
    return parseEnv(this.stdout) as unknown as Variables;
  }

  /** The requests, a line each. */
  get lines(): string[] {
    return this.stdout.split('\n\n').at(-1)?.split('\n').slice(0, -1) ?? [];
  }
}

let terminal: Terminal;
const run = (...args: string[]): Terminal => (terminal = new Terminal(['simulator', ...args]));
afterEach(async () => {
  await terminal.kill();
});

async function tokenOf(variables: Variables): Promise<string> {
  const { data } = await axios.post<{ access_token: string }>(`${variables.QUIQUP_BASE_URL}oauth/token`, {
    grant_type: 'client_credentials',
    client_id: variables.QUIQUP_CLIENT_ID,
    client_secret: variables.QUIQUP_CLIENT_SECRET,
  });
  return data.access_token;
}

describe('The command simulator', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('serves both APIs with what it prints, until %s', async (signal) => {
    const variables = await run(...ANY_PORTS).variables();
    expect(Object.keys(variables).toSorted()).toEqual([
      'QUIQUP_BASE_URL',
      'QUIQUP_CLIENT_ID',
      'QUIQUP_CLIENT_SECRET',
      'QUIQUP_LAST_MILE_URL',
    ]);
    const headers = { Authorization: `Bearer ${await tokenOf(variables)}` };
    const urls = [`${variables.QUIQUP_BASE_URL}api/fulfilment/inventory`, `${variables.QUIQUP_LAST_MILE_URL}orders`];
    for (const url of urls) {
      expect((await axios.get(url, { headers })).status).toBe(200);
    }
    terminal.signal(signal);
    expect(await terminal.ending).toBe(0);
    expect(terminal.stderr).toBe('');
  });

  it('logs each request in a line, without queries and secrets', async () => {
    const variables = await run(...ANY_PORTS).variables();
    const token = await tokenOf(variables);
    const credentials = { client_id: 'a-secret', client_secret: 'another-secret' };
    await axios.post(`${variables.QUIQUP_LAST_MILE_URL}oauth/token`, undefined, {
      params: credentials,
      validateStatus: null,
    });
    await axios.post(`${variables.QUIQUP_BASE_URL}api/fulfilment/orders?key=a-secret`, 'a-secret', {
      headers: { Authorization: `Bearer ${token}` },
    });
    await eventually(() => terminal.lines.length === 3, 'it had logged three requests');
    expect(terminal.lines).toEqual([
      expect.stringMatching(/^platform POST \/oauth\/token 200 simulated-client token [0-9a-f]{8} \d+ ms$/),
      expect.stringMatching(/^last-mile POST \/oauth\/token 400 unknown client no token \d+ ms$/),
      expect.stringMatching(/^platform POST \/api\/fulfilment\/orders 201 simulated-client token [0-9a-f]{8} \d+ ms$/),
    ]);
    for (const secret of [token, 'a-secret', 'another-secret']) {
      expect(terminal.stdout).not.toContain(secret);
    }
  });

  it('has the clients, the policy and the lifetime that it is told', async () => {
    const clients = ['--client', 'first:it:s "secret" #1', '--client', 'second:secret'];
    const variables = await run(...ANY_PORTS, ...clients, '--policy', 'reuse', '--lifetime', '60').variables();
    expect(variables).toMatchObject({ QUIQUP_CLIENT_ID: 'first', QUIQUP_CLIENT_SECRET: 'it:s "secret" #1' });
    expect(await tokenOf(variables)).toBe(await tokenOf(variables));
    const grant = { grant_type: 'client_credentials', client_id: 'second', client_secret: 'secret' };
    const { data } = await axios.post<object>(`${variables.QUIQUP_BASE_URL}oauth/token`, grant);
    expect(data).toMatchObject({ expires_in: 60 });
  });

  it('says in one line that a port is taken', async () => {
    const simulator = await new QuiqupSimulator().start();
    try {
      const { port } = new URL(simulator.url);
      for (const args of [
        ['--port', port, '--last-mile-port', '0'],
        ['--port', '0', '--last-mile-port', port],
      ]) {
        run(...args);
        expect(await terminal.ending).toBe(1);
        expect([terminal.stdout, terminal.stderr]).toEqual([
          '',
          `Port ${port} is taken. Choose another one with --port or --last-mile-port.\n`,
        ]);
      }
    } finally {
      await simulator.stop();
    }
  });

  it.each<[string[], string]>([
    [['--port', '65536'], '--port must be a whole number from 0 to 65535.'],
    [['--last-mile-port', '1.5'], '--last-mile-port must be a whole number from 0 to 65535.'],
    [['--port', '4010', '--last-mile-port', '4010'], '--port and --last-mile-port must differ; both are 4010.'],
    [['--policy', 'strict'], '--policy must be fresh, revoke or reuse.'],
    [['--lifetime', '0'], '--lifetime must be a number of seconds above 0.'],
    [['--lifetime', 'long'], '--lifetime must be a number of seconds above 0.'],
    [['--client', 'an-id-alone'], '--client must be an id and a secret with a colon between, in one line.'],
    [['--client', ':secret'], '--client must be an id and a secret with a colon between, in one line.'],
    [['--client', 'a:b', '--client', 'a:c'], '--client must have another id each time.'],
    [['--unknown'], "Unknown option '--unknown'."],
    [['--port'], "Option '--port <value>' argument missing."],
    [['more'], expect.stringContaining("'more'") as unknown as string],
  ])('refuses %j in one line', async (args, reason) => {
    run(...args);
    expect(await terminal.ending).toBe(2);
    const [said, ...rest] = terminal.stderr.split(' To see how it is used, run ');
    expect([said, rest]).toEqual([reason, ['`nestjs-quiqup-auth simulator --help`.\n']]);
    expect(terminal.stdout).toBe('');
  });

  it('prints its options', async () => {
    run('--help');
    expect(await terminal.ending).toBe(0);
    expect(terminal.stdout).toMatch(/^Usage: nestjs-quiqup-auth simulator \[options\]\n/);
  });
});

describe('The files of the command', () => {
  it('import nothing that needs a package', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'quiqup-simulator-'));
    try {
      // Away from every node_modules, a package could not be found.
      await cp(resolve('dist'), join(folder, 'dist'), { recursive: true });
      await writeFile(join(folder, 'package.json'), '{"type":"module"}');
      terminal = new Terminal(['simulator', ...ANY_PORTS], join(folder, 'dist', 'cli', 'main.js'));
      await terminal.variables();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
