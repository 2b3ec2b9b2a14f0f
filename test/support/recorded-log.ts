import type { LoggerService } from '@nestjs/common';

/** Takes the lines that an application logs, in place of the console. */
export class RecordedLog implements LoggerService {
  readonly lines: string[] = [];
  /** All that the module gave to be logged, as it was given. */
  readonly entries: unknown[][] = [];
  /** The line of the first token, which every application has, apart from the others. */
  readonly firstTokens: string[] = [];

  log(...line: unknown[]): void {
    this.record('log', line);
  }

  warn(...line: unknown[]): void {
    this.record('warn', line);
  }

  error(...line: unknown[]): void {
    this.record('error', line);
  }

  private record(level: string, [message, ...rest]: unknown[]): void {
    const context = String(rest.at(-1));
    // Nest's own log lines are not the module's.
    if (level === 'log' && String(message).startsWith('Token acquired')) {
      this.firstTokens.push(`[${context}] ${String(message)}`);
    } else if (context.startsWith('Quiqup')) {
      this.entries.push([message, ...rest]);
      this.lines.push(`${level} [${context}] ${String(message)}`);
    }
  }
}
