// Imports the simulator's own file: the index of `testing` needs Nest.
import { parseArgs } from 'node:util';
import { QuiqupSimulator } from '../testing/quiqup-simulator.js';
import type { Command } from './command.js';
import { describeCall } from './describe-call.js';
import { clientsIn, lifetimeIn, policyIn, portsIn } from './simulator-arguments.js';

const USAGE = `Usage: nestjs-quiqup-auth simulator [options]

Serves a simulated Quiqup on 127.0.0.1 until Ctrl-C: the fulfilment API and the last mile, each on a port of its own.
Prints what an application's .env needs, then a line for each request, without secrets.

  --port <n>            of the fulfilment API; 0 for any free one; 4010 by default
  --last-mile-port <n>  of the last mile; 0 for any free one; 4011 by default
  --policy <policy>     what a token request brings while a good token exists: fresh (the default) a new token beside
                        it, revoke a new token in its place, reuse the same token
  --lifetime <seconds>  life of a token; 3600 by default
  --client <id:secret>  a client that may ask for tokens, in place of the default one; may be given several times
  --help                prints this
`;

/** A value in a form that every reader of .env files understands. */
function quoted(value: string): string {
  if (/^[\w.:/-]+$/.test(value)) {
    return value;
  }
  const quote = ["'", '"'].find((mark) => !value.includes(mark)) ?? '`';
  return quote + value + quote;
}

function introduce({ url, lastMileUrl, clients }: QuiqupSimulator): void {
  const [{ clientId, clientSecret }] = clients;
  const variables = {
    QUIQUP_BASE_URL: url,
    QUIQUP_LAST_MILE_URL: lastMileUrl,
    QUIQUP_CLIENT_ID: clientId,
    QUIQUP_CLIENT_SECRET: clientSecret,
  };
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${quoted(value)}\n`);
  process.stdout.write(`# The simulated Quiqup serves until Ctrl-C. For your .env:\n${lines.join('')}\n`);
}

/** Starts the simulator. Returns whether it listens, and prints the reason if not. */
async function start(simulator: QuiqupSimulator): Promise<boolean> {
  try {
    await simulator.start();
    return true;
  } catch (error) {
    const { code, port } = error as NodeJS.ErrnoException & { readonly port?: number };
    const reason = code === 'EADDRINUSE' ? 'is taken' : `cannot be listened on (${code})`;
    process.stderr.write(`Port ${port} ${reason}. Choose another one with --port or --last-mile-port.\n`);
    process.exitCode = 1;
    return false;
  }
}

async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '4010' },
      'last-mile-port': { type: 'string', default: '4011' },
      policy: { type: 'string' },
      lifetime: { type: 'string' },
      client: { type: 'string', multiple: true },
    },
  });
  const simulator: QuiqupSimulator = new QuiqupSimulator({
    ...portsIn(values.port, values['last-mile-port']),
    policy: policyIn(values.policy),
    lifetime: lifetimeIn(values.lifetime),
    clients: clientsIn(values.client),
    onCall: (call) => process.stdout.write(`${describeCall(call, simulator.clients)}\n`),
  });
  if (!(await start(simulator))) {
    return;
  }
  // A second Ctrl-C ends the process at once, because no listener is left.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void simulator.stop());
  }
  introduce(simulator);
}

/** `nestjs-quiqup-auth simulator` */
export const simulatorCommand: Command = { usage: USAGE, run };
