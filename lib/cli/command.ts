/** The problem with the command line, in one sentence. */
export class UsageError extends Error {}

/** A command of `npx --no nestjs-quiqup-auth`. */
export interface Command {
  /** The output of `--help`. */
  readonly usage: string;
  /**
   * Sets the exit code of the process.
   *
   * @throws UsageError, or an error of `parseArgs`, for unsupported arguments
   */
  run(args: readonly string[]): Promise<void>;
}
