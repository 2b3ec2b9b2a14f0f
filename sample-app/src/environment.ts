import { quiqupAuthOptionsFromEnv, type QuiqupAuthModuleOptions } from 'nestjs-quiqup-auth';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { say } from './say.js';

/** Which Quiqup this application talks to. */
export interface Environment {
  readonly quiqup: QuiqupAuthModuleOptions;
  /** Set when it is the embedded one: whoever opened the environment stops it. */
  readonly simulator?: QuiqupSimulator;
}

/** So short that a renewal ahead of time can be watched. */
const SIMULATED_LIFETIME_S = 5;

/** The real Quiqup when there is a client id for it, else a simulated one. */
export async function openEnvironment(variables: NodeJS.ProcessEnv): Promise<Environment> {
  if (variables['QUIQUP_CLIENT_ID']) {
    return { quiqup: quiqupAuthOptionsFromEnv(variables) };
  }
  const simulator = await new QuiqupSimulator({ lifetime: SIMULATED_LIFETIME_S }).start();
  say(`QUIQUP_CLIENT_ID is not set, so a simulated Quiqup on ${simulator.url} stands in.`);
  const [{ clientId, clientSecret }] = simulator.clients;
  return { quiqup: { baseUrl: simulator.url, clientId, clientSecret }, simulator };
}
