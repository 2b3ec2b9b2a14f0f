import { cpus, loadavg } from 'node:os';

/** The machine of the measurement. */
export function machine() {
  const processors = cpus();
  return `${processors[0]?.model.trim()}, ${processors.length} cores, Node ${process.versions.node}, ${process.platform}`;
}

/** How many processes wanted a core in the last minute, this run's own among them. */
export function load() {
  return Number((loadavg()[0] ?? 0).toFixed(1));
}
