// Imports nothing that needs a peer: it is here to say which of them are missing.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkNode, checkPackages } from '../doctor/check-versions.js';
import type { Command } from './command.js';
import { problem, skipped, type Finding } from '../doctor/finding.js';

const USAGE = `Usage: nestjs-quiqup-auth doctor [--env <file>]

Checks, from your application's folder, what QuiqupAuthModule needs: Node and the packages beside it, the variables
that quiqupAuthOptionsFromEnv reads, Quiqup's host, the credentials (by one token request) and Redis. Says for each
what to do, and exits with 1 when there is a problem. It prints no secret.

  --env <file>  reads variables that are not set from this file
  --help        prints this
`;

const SIGNS: Readonly<Record<Finding['status'], string>> = { ok: '✓', problem: '✗', skipped: '-' };

function print({ status, text, remedy }: Finding): void {
  process.stdout.write(`${SIGNS[status]} ${text}\n${remedy === undefined ? '' : `    ${remedy}\n`}`);
}

function loadEnvFile(file: string | undefined): Finding[] {
  if (file === undefined) {
    const isLeftOut = process.env['QUIQUP_CLIENT_ID'] === undefined && existsSync('.env');
    return isLeftOut ? [skipped('There is a file .env here: doctor --env .env reads it')] : [];
  }
  try {
    process.loadEnvFile(file);
    return [];
  } catch (error) {
    return [problem(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`, 'Check its path.')];
  }
}

async function* examine(envFile: string | undefined): AsyncGenerator<Finding> {
  yield* loadEnvFile(envFile);
  yield checkNode(process.versions.node);
  const packages = checkPackages(process.cwd(), process.env['REDIS_URL'] ? ['@keyv/redis'] : []);
  yield* packages;
  if (packages.some(({ status }) => status === 'problem')) {
    yield skipped('The rest is looked at once the packages are right');
    return;
  }
  const { checkCredentials, checkEnvironment, checkHosts, checkRedis } = await import('../doctor/checks-with-peers.js');
  const { findings, config } = checkEnvironment(process.env);
  yield* findings;
  if (config === undefined) {
    yield skipped('Quiqup and Redis are asked once the variables are right');
    return;
  }
  const hosts = await checkHosts(config);
  yield* hosts;
  yield hosts[0]?.status === 'ok'
    ? await checkCredentials(config)
    : skipped('The credentials are tried once the token endpoint answers');
  yield await checkRedis(config);
}

async function doctor(envFile: string | undefined): Promise<void> {
  let problems = 0;
  for await (const finding of examine(envFile)) {
    print(finding);
    problems += finding.status === 'problem' ? 1 : 0;
  }
  process.stdout.write(problems === 0 ? '\nAll is well.\n' : `\n${problems} to be mended.\n`);
  process.exitCode = problems === 0 ? 0 : 1;
}

async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    // Not `env-file`: Node 20 takes that for itself, wherever it stands.
    options: { env: { type: 'string' } },
  });
  await doctor(values.env);
}

/** `nestjs-quiqup-auth doctor` */
export const doctorCommand: Command = { usage: USAGE, run };
