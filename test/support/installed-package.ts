import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PACKAGE = 'nestjs-quiqup-auth';

const run = promisify(execFile);

/** What is packed, unpacked in a folder of its own, beside the packages that are installed here. */
export class InstalledPackage {
  private constructor(private readonly directory: string) {}

  /**
   * @param without packages that are not installed there
   */
  static async install(without: readonly string[]): Promise<InstalledPackage> {
    const directory = await mkdtemp(join(tmpdir(), 'quiqup-package-'));
    const installed = new InstalledPackage(directory);
    try {
      await run('npm', ['pack', '--ignore-scripts', '--pack-destination', directory], { cwd: ROOT });
      const tarball = (await readdir(directory)).find((file) => file.endsWith('.tgz')) ?? '';
      await mkdir(join(directory, 'node_modules', PACKAGE), { recursive: true });
      const target = join(directory, 'node_modules', PACKAGE);
      await run('tar', ['-xzf', join(directory, tarball), '-C', target, '--strip-components=1']);
      await linkPackages(join(directory, 'node_modules'), [PACKAGE, ...without]);
    } catch (error) {
      await installed.remove();
      throw error;
    }
    return installed;
  }

  /** Runs a module there; returns what it wrote, its errors included. */
  async run(source: string): Promise<string> {
    const file = join(this.directory, 'main.mjs');
    await writeFile(file, source);
    const { stdout, stderr } = await run(process.execPath, [file]);
    return stdout + stderr;
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function linkPackages(target: string, without: readonly string[]): Promise<void> {
  const source = join(ROOT, 'node_modules');
  for (const entry of await readdir(source)) {
    if (entry.startsWith('.')) {
      continue;
    }
    const names = entry.startsWith('@')
      ? (await readdir(join(source, entry))).map((name) => `${entry}/${name}`)
      : [entry];
    for (const name of names.filter((one) => !without.includes(one))) {
      await mkdir(join(target, name, '..'), { recursive: true });
      await symlink(join(source, name), join(target, name));
    }
  }
}
