import { QuiqupConfigError } from 'nestjs-quiqup-auth';

/** Why the application cannot run, in one line. No error of `nestjs-quiqup-auth` holds a secret. */
export function reasonOf(error: unknown): string {
  if (error instanceof QuiqupConfigError) {
    const problems = error.problems.map(({ path, problem }) => `${path} ${problem}`.trim());
    return `Bad options: ${problems.join('; ')}.`;
  }
  if (!(error instanceof Error)) {
    return String(error);
  }
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  return code === 'EADDRINUSE'
    ? `Port ${port} is taken. Set PORT to another one, or to 0 for any that is free.`
    : error.message.replaceAll(/\s*\n\s*/g, ' ');
}
