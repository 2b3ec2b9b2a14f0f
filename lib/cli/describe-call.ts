import type { SimulatedCall } from '../testing/simulated-calls.js';
import type { QuiqupSimulatorClient } from '../testing/simulated-clients.js';

const LONGEST_PATH = 200;

/** The client. An unknown client id is not shown, because it may be a misplaced secret. */
function clientOf({ clientId }: SimulatedCall, clients: readonly QuiqupSimulatorClient[]): string {
  const isKnown = clients.some((client) => client.clientId === clientId);
  return clientId !== undefined && isKnown ? clientId : 'unknown client';
}

/** A finished request as one line of visible characters, without its query. */
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
