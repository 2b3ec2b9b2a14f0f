import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { withQuiqupAuthModule } from '../../lib/schematics/root-module.js';

const NEST_11 = join('test', 'package', 'newcomer', 'nest-11');
const CLI = resolve('node_modules', '@nestjs', 'cli', 'bin', 'nest.js');

interface Manifest {
  readonly dependencies: Readonly<Record<string, string | undefined>>;
}

let folder: string;
const read = (file: string): Promise<string> => readFile(join(folder, file), 'utf8');

/** The application as the Nest 11 CLI generates it, with this package in `node_modules`, and an npm that just notes. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quiqup-nest-add-'));
  for (const file of await readdir(NEST_11, { recursive: true })) {
    if (file.endsWith('.txt')) {
      await cp(join(NEST_11, file), join(folder, file.slice(0, -'.txt'.length)));
    }
  }
  await mkdir(join(folder, 'node_modules'));
  await mkdir(join(folder, 'bin'));
  await symlink(resolve('.'), join(folder, 'node_modules', 'nestjs-quiqup-auth'));
  await writeFile(join(folder, 'bin', 'npm'), '#!/bin/sh\necho "$@" >> npm.log\n', { mode: 0o755 });
});
afterEach(() => rm(folder, { recursive: true }));

async function nestAdd(...flags: string[]): Promise<{ code: number; output: string }> {
  const env = { ...process.env, PATH: [join(folder, 'bin'), process.env['PATH']].join(delimiter) };
  const args = [CLI, 'add', 'nestjs-quiqup-auth', '--skip-install', ...flags];
  return promisify(execFile)(process.execPath, args, { cwd: folder, env }).then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      output: error.stdout + error.stderr,
    }),
  );
}

async function onNest(range: string | undefined): Promise<void> {
  const manifest = JSON.parse(await read('package.json')) as Manifest;
  const dependencies = { ...manifest.dependencies, '@nestjs/common': range };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ ...manifest, dependencies }));
}

describe('nest add nestjs-quiqup-auth', () => {
  it('adds packages, registration and variables, and the second time nothing', async () => {
    await writeFile(join(folder, '.env.example'), 'PORT=3000');
    expect(await nestAdd()).toMatchObject({ code: 0 });
    const { dependencies } = JSON.parse(await read('package.json')) as Manifest;
    expect(dependencies).toMatchObject({
      '@nestjs/axios': '^4.0.0',
      '@nestjs/schedule': '^6.0.0',
      axios: '^1.0.0',
      keyv: '^5.0.0',
      '@nestjs/common': '^11.0.1',
      rxjs: '^7.8.1',
    });
    expect(await read('npm.log')).toMatch(/^install/);
    expect(await read('src/app.module.ts')).toContain('imports: [QuiqupAuthModule.forRoot()],');
    expect(await read('.env.example')).toMatch(/^PORT=3000\n\n# Of nestjs-quiqup-auth[^]*^QUIQUP_CLIENT_SECRET=$/m);

    const files = ['package.json', 'src/app.module.ts', '.env.example', 'npm.log'];
    const before = await Promise.all(files.map(read));
    expect(await nestAdd()).toMatchObject({ code: 0 });
    expect(await Promise.all(files.map(read))).toEqual(before);
  });

  it('follows the Nest that it finds, and writes nothing when it is run dry', async () => {
    await onNest('^12.0.1');
    const before = await read('package.json');
    const { output } = await nestAdd('--dry-run');
    expect(output).toMatch(/CREATE[^]*\.env\.example[^]*UPDATE[^]*package\.json[^]*UPDATE[^]*src\/app\.module\.ts/);
    expect(await read('package.json')).toBe(before);
    await expect(read('npm.log')).rejects.toThrow('ENOENT');
    await nestAdd();
    expect((JSON.parse(await read('package.json')) as Manifest).dependencies).toMatchObject({
      '@nestjs/axios': '^12.0.0',
      '@nestjs/schedule': '^12.0.0',
    });
  });

  it('leaves a root module that it does not understand, and says what to write', async () => {
    const text = "import { Module } from '@nestjs/common';\n@Module({ imports })\nexport class AppModule {}\n";
    await writeFile(join(folder, 'src', 'app.module.ts'), text);
    const { output } = await nestAdd();
    expect(output).toMatch(
      /src\/app\.module\.ts has an unknown form\. In your root module, write:[^]*imports: \[QuiqupAuthModule\.forRoot\(\)\]/,
    );
    expect(await read('src/app.module.ts')).toBe(text);
    await rm(join(folder, 'src', 'app.module.ts'));
    expect((await nestAdd()).output).toContain('src/app.module.ts does not exist.');
  });

  it('refuses a Nest that is not supported', async () => {
    await onNest('^10.0.0');
    const { output } = await nestAdd();
    expect(output).toContain('nestjs-quiqup-auth needs Nest 11 or 12, and package.json has @nestjs/common ^10.0.0.');
    await expect(read('.env.example')).rejects.toThrow('ENOENT');
  });
});

/** A root module whose decorator has just this. */
function moduleOf(head: string, options: string): string {
  return `${head}\n@Module({\n  ${options},\n})\nexport class AppModule {}\n`;
}

describe('The registration in a root module', () => {
  const HEAD = "import { Module } from '@nestjs/common';\n";
  const REGISTERED = `${HEAD}import { QuiqupAuthModule } from 'nestjs-quiqup-auth';\n`;

  it.each([
    ['imports: []', 'imports: [QuiqupAuthModule.forRoot()]'],
    ['imports: [\n  ]', 'imports: [QuiqupAuthModule.forRoot()]'],
    ['imports: [A, B.forRoot()]', 'imports: [QuiqupAuthModule.forRoot(), A, B.forRoot()]'],
    ['imports: [\n    A,\n  ]', 'imports: [\n    QuiqupAuthModule.forRoot(),\n    A,\n  ]'],
    ['providers: [A]', 'imports: [QuiqupAuthModule.forRoot()],\n  providers: [A]'],
  ])('%j becomes %j', (before, after) => {
    expect(withQuiqupAuthModule(moduleOf(HEAD, before))).toBe(moduleOf(REGISTERED, after));
  });

  it.each([
    ['two modules', '@Module({}) class A {}\n@Module({}) export class AppModule {}'],
    ['imports from elsewhere', '@Module({ imports: all }) export class AppModule {}'],
    ['imports in a comment, too', '// imports\n@Module({ imports: [] }) export class AppModule {}'],
    ['options from elsewhere', '@Module(options) export class AppModule {}'],
  ])('is left to a person: %s', (_, text) => {
    expect(withQuiqupAuthModule(HEAD + text)).toBeUndefined();
  });

  it('is there already', () => {
    const text = `${REGISTERED}@Module({ imports: [QuiqupAuthModule.forRoot()] }) export class AppModule {}`;
    expect(withQuiqupAuthModule(text)).toBe(text);
  });
});
