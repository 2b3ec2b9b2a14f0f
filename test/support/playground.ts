import { fileURLToPath } from 'node:url';
import { Program } from './program.js';

const MAIN = fileURLToPath(new URL('../../playground/dist/main.js', import.meta.url));

/** The playground as it was built. */
export class Playground extends Program {
  /**
   * @param env its environment, except `PATH`
   */
  constructor(env: Readonly<Record<string, string>>, ...args: readonly string[]) {
    super(MAIN, env, ...args);
  }

  /** Waits until it serves; returns where. */
  url(): Promise<string> {
    return this.says(/^Serving .* on (\S+) until/m);
  }
}
