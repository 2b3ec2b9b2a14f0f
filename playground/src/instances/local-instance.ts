import type { InstanceReporter } from './instance-reporter.js';
import type { Instance } from './instance.js';
import type { LoadGenerator } from './load-generator.js';
import type { Observation } from './observation.js';
import type { OwnSecret } from './own-secret.js';

/** This very process, which ends with the dashboard. */
export class LocalInstance implements Instance {
  readonly pid = process.pid;
  readonly isRemovable = false;

  constructor(
    readonly id: number,
    private readonly reporter: InstanceReporter,
    private readonly load: LoadGenerator,
    private readonly secret: OwnSecret,
  ) {}

  observe(listener: (observation: Observation) => void): void {
    this.reporter.report(listener);
  }

  setRate(perSecond: number): void {
    this.load.setRate(perSecond);
  }

  setSecret(secret: string): void {
    this.secret.value = secret;
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}
