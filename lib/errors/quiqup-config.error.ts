import { QuiqupAuthError } from './quiqup-auth.error.js';

/** One wrong option. */
export interface QuiqupConfigProblem {
  /** The path of the option, such as `refresh.ahead`; empty for the options as a whole. */
  readonly path: string;
  /** What is wrong and what is right, without the given value. */
  readonly problem: string;
}

/** The options cannot work. The boot throws it with all problems at once. */
export class QuiqupConfigError extends QuiqupAuthError {
  override readonly name: string = 'QuiqupConfigError';
  readonly code = 'QUIQUP_CONFIG_INVALID';
  readonly retryable = false;
  readonly problems: readonly QuiqupConfigProblem[];

  constructor(problems: readonly QuiqupConfigProblem[]) {
    const lines = problems.map(({ path, problem }) => `  - ${path === '' ? problem : `${path}: ${problem}`}`);
    super(`The options of QuiqupAuthModule need a correction:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}
