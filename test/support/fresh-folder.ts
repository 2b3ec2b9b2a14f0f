import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { packInto } from './pack-into.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PACKAGE = 'nestjs-quiqup-auth';
/** Far above what a program takes that ends by itself. */
const LIMIT_MS = 90_000;

const execute = promisify(execFile);

/** The exit code and the output of a program. */
export interface ProgramEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A fresh folder with the packed package and others, or only with the others. */
export class FreshFolder {
  private constructor(private readonly directory: string) {}

  /**
   * @param packages the other packages, such as `@nestjs/core@12`
   * @param files a folder whose files are put there
   */
  static async create(packages: readonly string[], files?: string): Promise<FreshFolder> {
    const directory = await mkdtemp(join(tmpdir(), 'quiqup-package-'));
    const folder = new FreshFolder(directory);
    try {
      await writeFile(join(directory, 'package.json'), JSON.stringify({ private: true, type: 'commonjs' }));
      const tarball = files === undefined ? [] : [await packInto(directory)];
      const quietly = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'];
      await execute('npm', ['install', ...quietly, ...tarball, ...packages], { cwd: directory });
      await (files === undefined ? undefined : folder.takePrograms(files));
    } catch (error) {
      await folder.remove();
      throw error;
    }
    return folder;
  }

  /** Runs a program there until it ends by itself; one that does not is killed, and has no exit code. */
  async run(node: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, folder = '.'): Promise<ProgramEnd> {
    const settings = {
      cwd: join(this.directory, folder),
      env: { PATH: process.env['PATH'], ...env },
      timeout: LIMIT_MS,
    };
    return execute(node, args, settings).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code?: number; stdout: string; stderr: string }) => ({
        code: error.code ?? Number.NaN,
        stdout: error.stdout,
        stderr: error.stderr,
      }),
    );
  }

  /** The problems that TypeScript has with files there and with this package's types. */
  compile(files: readonly string[], options: ts.CompilerOptions): string[] {
    const consumers = files.map((file) => join(this.directory, file));
    const program = ts.createProgram(consumers, {
      target: ts.ScriptTarget.ES2023,
      lib: ['lib.es2023.d.ts'],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      noEmit: true,
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules', '@types')],
      ...options,
    });
    // Others' types may have problems of their own.
    const ours = program
      .getSourceFiles()
      .filter(({ fileName }) => consumers.includes(fileName) || fileName.includes(`/node_modules/${PACKAGE}/`));
    const problems = [
      ...program.getOptionsDiagnostics(),
      ...program.getGlobalDiagnostics(),
      ...ours.flatMap((file) => program.getSyntacticDiagnostics(file)),
      ...ours.flatMap((file) => program.getSemanticDiagnostics(file)),
    ];
    return problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  }

  /** Puts an application there whose files have `.txt` at the end, so that no tool of ours takes them for its own. */
  async take(application: string, name: string): Promise<string> {
    const directory = join(this.directory, name);
    for (const file of await readdir(application, { recursive: true })) {
      if (file.endsWith('.txt')) {
        await cp(join(application, file), join(directory, file.slice(0, -'.txt'.length)));
      }
    }
    return directory;
  }

  /** Where a file of an installed package stands. */
  pathOf(name: string, ...file: readonly string[]): string {
    return join(this.directory, 'node_modules', name, ...file);
  }

  /** Takes an installed package away. */
  async uninstall(name: string): Promise<void> {
    await rm(this.pathOf(name), { recursive: true });
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  private async takePrograms(files: string): Promise<void> {
    await cp(files, this.directory, { recursive: true });
    // The same text is an ES module, a CommonJS module or what package.json says.
    const copy = (type: string) => cp(join(files, 'consumer.ts'), join(this.directory, `consumer.${type}`));
    await Promise.all(['mts', 'cts'].map(copy));
  }
}
