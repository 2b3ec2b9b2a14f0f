#!/usr/bin/env node
// Imports a command only when it runs, because the doctor must start although packages are missing.
import { createRequire } from 'node:module';
import { type Command, UsageError } from './command.js';

const NAME = 'nestjs-quiqup-auth';
const USAGE = `Usage: ${NAME} <command> [options]

  doctor     checks what QuiqupAuthModule needs, from your application's folder
  simulator  serves a simulated Quiqup on this machine

To see the options of a command, run \`${NAME} <command> --help\`. \`--version\` prints the version.
`;

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  doctor: async () => (await import('./doctor-command.js')).doctorCommand,
  simulator: async () => (await import('./simulator-command.js')).simulatorCommand,
};

function version(): string {
  return (createRequire(import.meta.url)('../../package.json') as { version: string }).version;
}

const isHelp = (arg: string): boolean => arg === '--help' || arg === '-h';

/** The message for a wrong command line; undefined for another error. */
function faultOf(error: unknown): string | undefined {
  if (error instanceof UsageError) {
    return error.message;
  }
  const isOfParser = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  const [sentence] = isOfParser ? error.message.split(/(?<=\.)\s/, 1) : [];
  return sentence?.replace(/\.?$/, '.');
}

async function main([name, ...args]: readonly string[]): Promise<void> {
  let help = NAME;
  try {
    if (name === undefined) {
      throw new UsageError('A command is missing.');
    }
    if (isHelp(name)) {
      process.stdout.write(USAGE);
      return;
    }
    if ([name, ...args].includes('--version')) {
      process.stdout.write(`${version()}\n`);
      return;
    }
    const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (load === undefined) {
      throw new UsageError(`There is no command '${name}'.`);
    }
    help = `${NAME} ${name}`;
    const command = await load();
    await (args.some(isHelp) ? process.stdout.write(command.usage) : command.run(args));
  } catch (error) {
    const fault = faultOf(error);
    if (fault === undefined) {
      throw error;
    }
    process.stderr.write(`${fault} To see how it is used, run \`${help} --help\`.\n`);
    process.exitCode = 2;
  }
}

// The reader may stop early: `doctor | head -1`.
process.stdout.on('error', () => process.exit());

await main(process.argv.slice(2));
