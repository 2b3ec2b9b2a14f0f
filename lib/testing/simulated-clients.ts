/** A client that may request tokens. */
export interface QuiqupSimulatorClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

const DEFAULT_CLIENT: QuiqupSimulatorClient = { clientId: 'simulated-client', clientSecret: 'simulated-secret' };

/** The known clients; the first is the default one. */
export class SimulatedClients {
  readonly all: [QuiqupSimulatorClient, ...QuiqupSimulatorClient[]];

  constructor([first, ...others]: readonly QuiqupSimulatorClient[] = [DEFAULT_CLIENT]) {
    if (!first) {
      throw new Error('The simulator needs at least one client. Leave clients out for the default one.');
    }
    this.all = [{ ...first }];
    others.forEach((client) => this.add(client));
  }

  add(client: QuiqupSimulatorClient): void {
    if (this.all.some(({ clientId }) => clientId === client.clientId)) {
      throw new Error(`The simulator has a client '${client.clientId}' already. Use setSecret to change its secret.`);
    }
    this.all.push({ ...client });
  }

  setSecret(clientId: string, clientSecret: string): void {
    const index = this.all.findIndex((client) => client.clientId === clientId);
    if (index < 0) {
      throw new Error(`The simulator has no client '${clientId}'. Use addClient to add it.`);
    }
    this.all[index] = { clientId, clientSecret };
  }
}
