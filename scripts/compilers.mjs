#!/usr/bin/env node
// Compiles a program that uses the public API with each version of TypeScript, and resolves modules each way it can. It needs
// the network, and prints each combination that ran.
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installCommand } from '../dist/doctor/install-table.js';
import { packInto } from '../test/support/pack-into.mjs';

const [given = ''] = process.argv.slice(2);
const PACKAGE = 'nestjs-quiqup-auth';
const CONSUMER = join('test', 'package', 'programs', 'consumer.ts');
const VERSIONS = ['5.4', '5.5', '5.6', '5.7', '5.8', '5.9', '6.0', '7.0'];
const NEST = [11, 12];
const BESIDE = ['rxjs@7', 'reflect-metadata@0.2', '@opentelemetry/api@1', '@keyv/redis@5', 'keyv@5', '@types/node@20'];
const BOTH_KINDS = ['consumer.mts', 'consumer.cts'];
/** A module resolution and the files of a project with it; none if the versions do not support it. */
const RESOLUTIONS = [
  {
    name: 'node10',
    options: { module: 'commonjs', moduleResolution: 'node10' },
    // Nest 12 has ES modules alone, and TypeScript 7 has no node10.
    files: (version, nest) => (nest === 11 && Number(version) <= 6 ? ['consumer.ts'] : []),
  },
  {
    name: 'node16',
    options: { module: 'node16' },
    files: (_, nest) => (nest === 11 ? BOTH_KINDS : ['consumer.mts']),
  },
  {
    name: 'nodenext',
    options: { module: 'nodenext' },
    // TypeScript 5.8 was the first to know that CommonJS can load ES modules.
    files: (version, nest) => (nest === 11 || Number(version) >= 5.8 ? BOTH_KINDS : ['consumer.mts']),
  },
  {
    name: 'bundler',
    options: { module: 'esnext', moduleResolution: 'bundler' },
    files: () => ['consumer.ts'],
  },
];

const run = (command, args, cwd) =>
  promisify(execFile)(command, args, { cwd, timeout: 600_000, maxBuffer: 2 ** 26 }).then(
    ({ stdout }) => ({ ok: true, output: stdout }),
    ({ stdout, stderr }) => ({ ok: false, output: `${stdout}${stderr}` }),
  );

async function install(folder, ...packages) {
  const { ok, output } = await run('npm', ['install', '--no-audit', '--no-fund', '--force', ...packages], folder);
  if (!ok) {
    throw new Error(output);
  }
}

/** The problems of the program and of the package; others' types may have problems of their own. */
function problemsIn(output) {
  return output
    .split('\n')
    .filter((line) => /error TS/.test(line))
    .filter((line) => !line.includes('node_modules/') || line.includes(`node_modules/${PACKAGE}/`));
}

const root = mkdtempSync(join(tmpdir(), 'quiqup-compilers-'));
let ran = 0;
let failed = 0;
try {
  const tarball = await packInto(root);
  for (const nest of NEST) {
    const folder = join(root, `nest-${nest}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true }));
    const packages = installCommand(nest).split(' ').slice(2);
    await install(
      folder,
      tarball,
      ...packages.filter((name) => name !== PACKAGE),
      ...['common', 'core'].map((name) => `@nestjs/${name}@${nest}`),
      ...BESIDE,
      ...VERSIONS.map((version) => `typescript-${version}@npm:typescript@${version}`),
    );
    for (const extension of ['ts', 'mts', 'cts']) {
      copyFileSync(CONSUMER, join(folder, `consumer.${extension}`));
    }
    for (const version of VERSIONS) {
      for (const { name, files: filesOf, options } of RESOLUTIONS) {
        const files = filesOf(version, nest);
        const label = `TypeScript ${version}, ${name}, Nest ${nest}`;
        if (files.length === 0 || !label.includes(given)) {
          continue;
        }
        writeFileSync(
          join(folder, 'tsconfig.json'),
          JSON.stringify({
            files,
            compilerOptions: {
              target: 'es2022',
              lib: ['es2022'],
              strict: true,
              exactOptionalPropertyTypes: true,
              experimentalDecorators: true,
              emitDecoratorMetadata: true,
              types: ['node'],
              noEmit: true,
              ...(version === '6.0' ? { ignoreDeprecations: '6.0' } : {}),
              ...options,
            },
          }),
        );
        const tsc = join('node_modules', `typescript-${version}`, 'bin', 'tsc');
        const { ok, output } = await run(process.execPath, [tsc, '-p', '.', '--pretty', 'false'], folder);
        const problems = ok ? [] : problemsIn(output);
        // A compiler that broke down says nothing of types.
        const isBroken = !ok && !output.includes('error TS');
        ran += 1;
        failed += problems.length > 0 || isBroken ? 1 : 0;
        process.stdout.write(
          problems.length > 0 || isBroken
            ? `✗ ${label}: ${files.join(', ')}\n${isBroken ? output.slice(-2_000) : problems.slice(0, 10).join('\n')}\n`
            : `✓ ${label}: ${files.join(', ')}\n`,
        );
      }
    }
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
process.stdout.write(`\n${ran - failed} of ${ran} combinations compile\n`);
process.exitCode = failed === 0 ? 0 : 1;
