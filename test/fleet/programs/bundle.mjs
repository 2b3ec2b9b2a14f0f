import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Optional packages that Nest looks for at run time. */
const OPTIONAL = ['@nestjs/microservices', '@nestjs/websockets', '@nestjs/platform-express', 'class-*'];

/**
 * Puts each program, with the built package and all that it imports, into one file: these tests start more than 150
 * processes, which would spend most of their time looking for the thousand files of Nest.
 */
export default async function bundle() {
  const outdir = here('../../../node_modules/.cache/fleet-programs');
  await build({
    entryPoints: ['instance.mjs', 'simulator.mjs'].map(here),
    bundle: true,
    platform: 'node',
    format: 'esm',
    outdir,
    outExtension: { '.js': '.mjs' },
    external: OPTIONAL,
    // Its paths lead to the sources.
    tsconfigRaw: {},
    // The CommonJS among it asks for Node's own modules.
    banner: { js: "import { createRequire as from } from 'node:module'; const require = from(import.meta.url);" },
    logLevel: 'warning',
  });
  // The workers inherit it.
  process.env['FLEET_PROGRAMS'] = outdir;
}
