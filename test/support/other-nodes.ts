import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { FreshFolder } from './fresh-folder.js';

/** The registry's packages with the Node binary for this machine. */
const PACKAGE = `node-${process.platform}-${process.arch}`;

async function isInRegistry(version: string): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)('npm', ['view', `${PACKAGE}@${version}`, 'version']);
    return stdout.trim() !== '';
  } catch (error) {
    if ((error as { stderr?: string }).stderr?.includes('E404')) {
      return false;
    }
    throw error;
  }
}

/** Other versions of Node, if the registry has them for this machine. */
export class OtherNodes {
  private constructor(
    private readonly folder: FreshFolder,
    private readonly installed: ReadonlySet<string>,
  ) {}

  static async install(versions: readonly string[]): Promise<OtherNodes> {
    const found = await Promise.all(versions.map(async (version) => ((await isInRegistry(version)) ? [version] : [])));
    const available = found.flat();
    const aliases = available.map((version) => `node-${version}@npm:${PACKAGE}@${version}`);
    return new OtherNodes(await FreshFolder.create(aliases), new Set(available));
  }

  /** The binary; `undefined` where there is none for this machine. */
  binary(version: string): string | undefined {
    return this.installed.has(version) ? this.folder.pathOf(`node-${version}`, 'bin', 'node') : undefined;
  }

  remove(): Promise<void> {
    return this.folder.remove();
  }
}
