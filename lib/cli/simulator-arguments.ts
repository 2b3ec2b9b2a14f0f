import type { QuiqupSimulatorClient } from '../testing/simulated-clients.js';
import type { QuiqupSimulatorPolicy } from '../testing/simulated-tokens.js';
import { UsageError } from './command.js';

const LARGEST_PORT = 65_535;
const POLICIES: readonly QuiqupSimulatorPolicy[] = ['fresh', 'revoke', 'reuse'];

function portOf(option: string, text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(port <= LARGEST_PORT)) {
    throw new UsageError(`${option} must be a whole number from 0 to ${LARGEST_PORT}.`);
  }
  return port;
}

export function portsIn(platform: string, lastMile: string): { port: number; lastMilePort: number } {
  const port = portOf('--port', platform);
  const lastMilePort = portOf('--last-mile-port', lastMile);
  if (port === lastMilePort && port !== 0) {
    throw new UsageError(`--port and --last-mile-port must differ; both are ${port}.`);
  }
  return { port, lastMilePort };
}

export function policyIn(text: string | undefined): QuiqupSimulatorPolicy | undefined {
  const policy = POLICIES.find((known) => known === text);
  if (text !== undefined && policy === undefined) {
    throw new UsageError('--policy must be fresh, revoke or reuse.');
  }
  return policy;
}

/** In seconds. */
export function lifetimeIn(text: string | undefined): number | undefined {
  const lifetime = text === undefined ? undefined : Number(text);
  if (lifetime !== undefined && !(lifetime > 0)) {
    throw new UsageError('--lifetime must be a number of seconds above 0.');
  }
  return lifetime;
}

/** The message does not contain the value, because it may be a secret. */
function clientOf(text: string): QuiqupSimulatorClient {
  const [, clientId, clientSecret] = /^([^:]+):(.+)$/.exec(text) ?? [];
  // oxlint-disable-next-line no-control-regex -- a line of a .env file cannot hold them
  if (clientId === undefined || clientSecret === undefined || /[\u0000-\u001f\u007f]/.test(text)) {
    throw new UsageError('--client must be an id and a secret with a colon between, in one line.');
  }
  return { clientId, clientSecret };
}

export function clientsIn(texts: readonly string[] | undefined): readonly QuiqupSimulatorClient[] | undefined {
  const clients = texts?.map(clientOf);
  if (clients && new Set(clients.map(({ clientId }) => clientId)).size < clients.length) {
    throw new UsageError('--client must have another id each time.');
  }
  return clients;
}
