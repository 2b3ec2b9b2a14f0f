/**
 * The packages that an application installs with this one, by the major version of its Nest. `keyv` is 5, because
 * `@keyv/redis` 5 does not support 6.
 */
const BESIDE = {
  11: { '@nestjs/axios': 4, '@nestjs/schedule': 6, axios: 1, 'cache-manager': 7, keyv: 5 },
  12: { '@nestjs/axios': 12, '@nestjs/schedule': 12, axios: 1, 'cache-manager': 7, keyv: 5 },
} as const satisfies Record<number, Readonly<Record<string, number>>>;

export type NestMajor = keyof typeof BESIDE;

const LOWEST_NEST = 11 satisfies NestMajor;
/** The newest first. */
export const NEST_MAJORS = [12, LOWEST_NEST] as const satisfies readonly NestMajor[];

/** The supported major version nearest to the installed one. */
export function supportedNest(major: number): NestMajor {
  return NEST_MAJORS.find((each) => each <= major) ?? LOWEST_NEST;
}

/** The major version of a package for that Nest; undefined if the table does not have the package. */
export function majorBeside(nest: NestMajor, name: string): number | undefined {
  return /^@nestjs\/(?:common|core)$/.test(name) ? nest : packagesBeside(nest)[name];
}

/** The packages to install with this one on that Nest, by name and major version. */
export function packagesBeside(nest: NestMajor): Readonly<Record<string, number>> {
  return BESIDE[nest];
}

/** The command that installs this package in an application on that Nest. */
export function installCommand(nest: NestMajor): string {
  const beside = Object.entries(packagesBeside(nest)).map(([name, major]) => `${name}@${major}`);
  return ['npm install nestjs-quiqup-auth', ...beside].join(' ');
}
