import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Optional packages that Nest looks for at run time. */
const OPTIONAL = ['@nestjs/microservices', '@nestjs/websockets', '@nestjs/platform-express', 'class-*'];

/**
 * Puts the simulation and the library into one file, which starts in no time: jest would spend longer on loading than a
 * thousand seeds take. `@redis/client` is replaced beneath the real `@keyv/redis`.
 *
 * @param outfile where to
 * @param plugins what changes the sources on the way
 */
export async function bundleSimulation(outfile = here('../../node_modules/.cache/simulation/main.mjs'), plugins = []) {
  await build({
    entryPoints: [here('./main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: OPTIONAL,
    alias: { '@redis/client': here('./redis/client-stand-in.ts') },
    plugins,
    // The CommonJS among it asks for Node's own modules.
    banner: { js: "import { createRequire as from } from 'node:module'; const require = from(import.meta.url);" },
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return outfile;
}
