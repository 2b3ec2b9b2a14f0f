// Imports nothing that needs a peer, because it reports missing peers.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkJest } from '../doctor/check-jest.js';
import { checkNode, checkPackages, nestOf } from '../doctor/check-versions.js';
import { problem, skipped, type Finding } from '../doctor/finding.js';
import { applicationOf } from '../doctor/installed-packages.js';
import type { Command } from './command.js';

const USAGE = `Usage: nestjs-quiqup-auth doctor [--env <file>] [--json]

Checks, from your application's folder, what QuiqupAuthModule needs: Node and the packages beside it, the variables
that quiqupAuthOptionsFromEnv reads, Quiqup's host, the credentials (by one token request) and Redis. Says for each
what to do, and exits with 1 when there is a problem. It prints no secret.

  --env <file>  reads variables that are not set from this file
  --json        prints the findings as JSON
  --help        prints this
`;

const SIGNS: Readonly<Record<Finding['status'], string>> = { ok: '✓', problem: '✗', skipped: '-' };

function print({ status, text, remedy }: Finding): void {
  process.stdout.write(`${SIGNS[status]} ${text}\n${remedy === undefined ? '' : `    ${remedy}\n`}`);
}

function loadEnvFile(file: string | undefined): Finding[] {
  if (file === undefined) {
    const isLeftOut = process.env['QUIQUP_CLIENT_ID'] === undefined && existsSync('.env');
    return isLeftOut ? [skipped('There is a .env file here. To read it, run doctor --env .env')] : [];
  }
  try {
    process.loadEnvFile(file);
    return [];
  } catch (error) {
    return [problem(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`, 'Check its path.')];
  }
}

async function* examine(envFile: string | undefined): AsyncGenerator<Finding> {
  const directory = applicationOf(process.cwd());
  if (directory === undefined) {
    yield problem('There is no package.json here', "Run it in your application's folder.");
    return;
  }
  yield* loadEnvFile(envFile);
  yield checkNode(process.versions.node);
  const needed = process.env['REDIS_URL'] ? ['@keyv/redis'] : [];
  const packages = [
    ...checkPackages({ directory, needed }),
    ...checkJest(directory, nestOf(directory), process.versions.node),
  ];
  yield* packages;
  if (packages.some(({ status }) => status === 'problem')) {
    yield skipped('The other checks need the right packages first');
    return;
  }
  const { checkCredentials, checkEnvironment, checkHosts, checkRedis } = await import('../doctor/checks-with-peers.js');
  const { findings, config } = checkEnvironment(process.env);
  yield* findings;
  if (config === undefined) {
    yield skipped('The checks of Quiqup and Redis need the right variables first');
    return;
  }
  const hosts = await checkHosts(config);
  yield* hosts;
  yield hosts[0]?.status === 'ok'
    ? await checkCredentials(config)
    : skipped('The check of the credentials needs a token endpoint that answers');
  yield await checkRedis(config);
}

async function doctor(envFile: string | undefined, isJson: boolean): Promise<void> {
  const findings: Finding[] = [];
  for await (const finding of examine(envFile)) {
    findings.push(finding);
    if (!isJson) {
      print(finding);
    }
  }
  const problems = findings.filter(({ status }) => status === 'problem').length;
  const summary =
    problems === 0 ? 'No problems found.' : `${problems} ${problems === 1 ? 'problem' : 'problems'} to fix.`;
  process.stdout.write(isJson ? `${JSON.stringify({ problems, findings }, undefined, 2)}\n` : `\n${summary}\n`);
  process.exitCode = problems === 0 ? 0 : 1;
}

async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    // Not `env-file`: Node 20 takes that option for itself at any position.
    options: { env: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  await doctor(values.env, values.json);
}

/** `nestjs-quiqup-auth doctor` */
export const doctorCommand: Command = { usage: USAGE, run };
