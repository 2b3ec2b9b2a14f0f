/** The record of a run, as lines or as their digest. Two runs of a seed must have the same bytes. */
export class Trace {
  readonly lines: string[] = [];
  private hash = 0x811c9dc5;

  constructor(private readonly isKept: boolean) {}

  note(at: number, who: string, what: string): void {
    const line = `${at.toFixed(3).padStart(12)} ${who.padEnd(8)} ${what}`;
    for (let index = 0; index < line.length; index += 1) {
      this.hash = Math.imul(this.hash ^ line.charCodeAt(index), 0x01000193) >>> 0;
    }
    if (this.isKept) {
      this.lines.push(line);
    }
  }

  get digest(): string {
    return this.hash.toString(16).padStart(8, '0');
  }
}
