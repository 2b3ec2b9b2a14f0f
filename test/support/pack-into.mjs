import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export async function packInto(folder) {
  await promisify(execFile)('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT });
  return join(folder, readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? '');
}
