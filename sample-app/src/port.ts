const DEFAULT_PORT = 3_000;
const HIGHEST_PORT = 65_535;

export function portFrom({ PORT }: NodeJS.ProcessEnv): number {
  const port = Number(PORT || DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 0 || port > HIGHEST_PORT) {
    throw new Error(`PORT must be a whole number from 0 to ${HIGHEST_PORT}, 0 being any that is free.`);
  }
  return port;
}
