import type { SimulatedCall } from '../testing/simulated-calls.js';
import type { QuiqupSimulatorClient } from '../testing/simulated-clients.js';

const LONGEST_PATH = 200;

/** Who it was. A claimed id that is not known may be a secret in the wrong place. */
function clientOf({ clientId }: SimulatedCall, clients: readonly QuiqupSimulatorClient[]): string {
  const isKnown = clients.some((client) => client.clientId === clientId);
  return clientId !== undefined && isKnown ? clientId : 'unknown client';
}

/** A request that has ended, in a line of visible characters, without its query. */
export function describeCall(call: SimulatedCall, clients: readonly QuiqupSimulatorClient[]): string {
  const { api, method, path, status, token, at } = call;
  const parts = [
    api,
    method,
    path.split('?', 1)[0]?.slice(0, LONGEST_PATH),
    status === 0 ? 'no response' : status,
    clientOf(call, clients),
    token === undefined ? 'no token' : `token ${token}`,
    `${Math.round(performance.now() - at)} ms`,
  ];
  return parts.join(' ').replaceAll(/[^ -~]/g, '?');
}
