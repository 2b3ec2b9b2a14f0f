import { parseArgs } from 'node:util';
import { MOST_INSTANCES } from './instances/fleet.js';

const DEFAULT_PORT = 3_000;
const HIGHEST_PORT = 65_535;
/** The routes ask for no login, so only this machine may call them unless told otherwise. */
const DEFAULT_HOST = '127.0.0.1';

/** How the application was started. */
export interface Arguments {
  /** Ends after the story. */
  readonly isOnce: boolean;
  readonly instances: number;
  readonly host: string;
  readonly port: number;
}

export function readArguments({ PORT, HOST }: NodeJS.ProcessEnv): Arguments {
  const { values } = parseArgs({
    options: {
      once: { type: 'boolean', default: false },
      instances: { type: 'string', default: '1' },
      host: { type: 'string' },
    },
  });
  const instances = wholeNumber('--instances', values.instances, 1, MOST_INSTANCES);
  const port = wholeNumber('PORT', PORT || DEFAULT_PORT, 0, HIGHEST_PORT, ', 0 being any that is free');
  return {
    isOnce: values.once,
    instances,
    host: values.host ?? (HOST || DEFAULT_HOST),
    port: values.once ? 0 : port,
  };
}

function wholeNumber(name: string, given: string | number, lowest: number, highest: number, note = ''): number {
  const number = Number(given);
  if (!Number.isInteger(number) || number < lowest || number > highest) {
    throw new Error(`${name} must be a whole number from ${lowest} to ${highest}${note}.`);
  }
  return number;
}
