import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const here = (file) => new URL(file, import.meta.url);

/** Adds the README's steps to a generated application: the import in the root module, and a class with its test. */
export async function addModule(application) {
  const path = join(application, 'src', 'app.module.ts');
  const text = await readFile(path, 'utf8');
  const extension = text.includes(".js'") ? '.js' : '';
  const changed = text
    .replace('imports: []', 'imports: [QuiqupAuthModule.forRoot()]')
    .replace('providers: [', 'providers: [Deliveries, ');
  const imports = [
    // `nest add` has imported it already.
    ...(text.includes('QuiqupAuthModule') ? [] : ["import { QuiqupAuthModule } from 'nestjs-quiqup-auth';"]),
    `import { Deliveries } from './deliveries${extension}';`,
  ];
  await writeFile(path, [...imports, changed].join('\n'));
  for (const file of ['deliveries.ts', 'deliveries.spec.ts']) {
    const source = await readFile(here(`./${file}.txt`), 'utf8');
    await writeFile(join(application, 'src', file), source.replace("'./deliveries'", `'./deliveries${extension}'`));
  }
}
