/** What is wrong with the command line, in one sentence. */
export class UsageError extends Error {}

/** A command of `npx --no nestjs-quiqup-auth`. */
export interface Command {
  /** What `--help` prints. */
  readonly usage: string;
  /**
   * Sets the exit code of the process.
   *
   * @throws UsageError, or an error of `parseArgs`, for arguments that it does not take
   */
  run(args: readonly string[]): Promise<void>;
}
