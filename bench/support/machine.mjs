import { cpus } from 'node:os';

/** What the numbers were measured on. */
export function machine() {
  const processors = cpus();
  return `${processors[0]?.model.trim()}, ${processors.length} cores, Node ${process.versions.node}, ${process.platform}`;
}
