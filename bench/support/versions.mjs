import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGES = [
  'axios',
  '@nestjs/core',
  'axios-token-interceptor',
  'axios-auth-refresh',
  'simple-oauth2',
  'cache-manager',
  '@keyv/redis',
  '@azure/core-rest-pipeline',
];

/** Of what is compared, as it is installed: this folder's own, or the root's. */
export function versions() {
  const folders = [join(import.meta.dirname, '..'), join(import.meta.dirname, '..', '..')];
  return Object.fromEntries(
    PACKAGES.map((name) => {
      const files = folders.map((folder) => join(folder, 'node_modules', name, 'package.json'));
      return [name, JSON.parse(readFileSync(files.find(existsSync), 'utf8')).version];
    }),
  );
}
