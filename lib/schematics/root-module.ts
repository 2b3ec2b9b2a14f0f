const IMPORT = "import { QuiqupAuthModule } from 'nestjs-quiqup-auth';";
const REGISTRATION = 'QuiqupAuthModule.forRoot()';

/** The text to add by hand if the root module cannot be parsed. */
export const BY_HAND = `${IMPORT}\n\n@Module({\n  imports: [${REGISTRATION}],\n})`;

const isOnlyOnce = (text: string, part: RegExp): boolean => [...text.matchAll(part)].length === 1;

/**
 * The root module with the import and the registration; the same text if they are there already.
 *
 * @returns undefined if the place for the change is unclear
 */
export function withQuiqupAuthModule(text: string): string | undefined {
  if (text.includes('QuiqupAuthModule')) {
    return text;
  }
  if (!isOnlyOnce(text, /@Module\(\{/g) || !/^import .* from ['"].*['"];?$/m.test(text)) {
    return undefined;
  }
  const registered = text.includes('imports') ? amongImports(text) : withImports(text);
  return registered === undefined ? undefined : afterOtherImports(registered);
}

function amongImports(text: string): string | undefined {
  if (!isOnlyOnce(text, /\bimports\b/g) || !/\bimports: \[/.test(text)) {
    return undefined;
  }
  return text.replace(/\bimports: \[(\s*)(\]?)/, (_, space: string, end: string) =>
    end === ']' ? `imports: [${REGISTRATION}]` : `imports: [${space}${REGISTRATION},${space === '' ? ' ' : space}`,
  );
}

function withImports(text: string): string {
  return text.replace('@Module({', `@Module({\n  imports: [${REGISTRATION}],`);
}

function afterOtherImports(text: string): string {
  const [last = ''] = text.match(/^import [^;]*? from ['"].*['"];?$/gm)?.slice(-1) ?? [];
  return text.replace(last, `${last}\n${IMPORT}`);
}
