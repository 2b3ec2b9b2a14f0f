/** One line for the person who started the application. Everything else goes to the log. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
