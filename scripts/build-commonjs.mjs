#!/usr/bin/env node
// Builds dist/cjs: the CommonJS files for the ES modules of dist, with their own declarations.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const FROM = 'dist';
const TO = join(FROM, 'cjs');
/** Files that are only run, as ES modules. */
const ESM_ONLY = /^(?:cjs|cli|doctor)\b/;

function exitUnless({ status }) {
  if (status !== 0) {
    process.exit(status ?? 1);
  }
}

/** The declarations are the same; their maps lead to sources one folder further up. */
function copyDeclarations() {
  for (const file of readdirSync(FROM, { recursive: true })) {
    if (!/\.d\.ts(?:\.map)?$/.test(file) || ESM_ONLY.test(file)) {
      continue;
    }
    const text = readFileSync(join(FROM, file), 'utf8');
    mkdirSync(dirname(join(TO, file)), { recursive: true });
    writeFileSync(join(TO, file), file.endsWith('.map') ? text.replace('"sources":["../', '"sources":["../../') : text);
  }
}

exitUnless(
  spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.cjs.json'], { stdio: 'inherit' }),
);
copyDeclarations();
copyFileSync('lib/schematics/collection.json', join(TO, 'schematics', 'collection.json'));
writeFileSync(join(TO, 'package.json'), `${JSON.stringify({ type: 'commonjs' })}\n`);
