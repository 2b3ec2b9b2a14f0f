/** One line of what this application tells whoever started it; everything else is in the log. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
