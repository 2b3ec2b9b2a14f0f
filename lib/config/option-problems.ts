import { closest, distance } from 'fastest-levenshtein';
import type { QuiqupConfigProblem } from '../errors/index.js';
import { isCache, isNoCache, isRecord } from './option-rules.js';
import type { KnownOptions } from './quiqup-auth-options.schema.js';
import { QUIQUP_HOSTS, type QuiqupEnvironment } from './quiqup-environments.js';
import { ownValue } from './own-values.js';
import { parseSecureUrl } from './secure-url.js';

/** A name further than this from every option is probably no typing error. */
const LARGEST_SLIP = 3;

/** The axios options that would break the token or belong to another option. */
const REFUSED_HTTP_OPTIONS: ReadonlyMap<string, string> = new Map([
  ['baseURL', 'is set by the options environment or baseUrl'],
  ['auth', 'would take the place of the token'],
]);

const REGISTERED_BESIDE = 'belongs beside useFactory, in the object given to forRootAsync';

/** These options are read before a factory runs. */
function isOfRegistration(name: string, known: readonly string[]): boolean {
  return known.includes('clientId') && (name === 'name' || name === 'isGlobal');
}

/** A name that no option could have may be a misplaced value, and is not shown. */
export function shownName(name: string): string {
  return /^\w{1,32}$/.test(name) ? name : '[unnamed]';
}

function suggestion(name: string, known: readonly string[]): string {
  const nearest = closest(name, known);
  const isSlip = distance(name.toLowerCase(), nearest.toLowerCase()) <= Math.min(LARGEST_SLIP, nearest.length / 2);
  return isSlip ? `did you mean ${nearest}?` : `known here are ${known.join(', ')}`;
}

function unknownIn(given: unknown, known: readonly string[], path: string): QuiqupConfigProblem[] {
  if (!isRecord(given) || isCache(given)) {
    return [];
  }
  return Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: `${path}${shownName(name)}`,
      problem: isOfRegistration(name, known) ? REGISTERED_BESIDE : `is not an option; ${suggestion(name, known)}`,
    }));
}

function knownOptionsOf(given: unknown, known: KnownOptions): Record<string, unknown> {
  return isRecord(given) ? Object.fromEntries(known[''].map((name) => [name, ownValue(given, name)])) : {};
}

/** Every unknown option of every section. */
function unknownOptions(given: unknown, sections: Record<string, unknown>, known: KnownOptions): QuiqupConfigProblem[] {
  return [
    ...unknownIn(given, known[''], ''),
    ...(['cache', 'refresh', 'timeouts'] as const)
      .filter((name) => name !== 'cache' || !isNoCache(sections[name]))
      .flatMap((name) => unknownIn(sections[name], known[name], `${name}.`)),
  ];
}

function isEnvironment(value: unknown): value is QuiqupEnvironment {
  return typeof value === 'string' && Object.hasOwn(QUIQUP_HOSTS, value);
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** Whether the options give Quiqup's address, and only once. */
function addressProblems({ environment, baseUrl }: Record<string, unknown>): QuiqupConfigProblem[] {
  if (!isGiven(environment) && !isGiven(baseUrl)) {
    return [{ path: 'environment', problem: "is required: 'production', 'staging' or 'mock'; or give baseUrl" }];
  }
  return isGiven(environment) && isGiven(baseUrl)
    ? [
        {
          path: 'baseUrl',
          problem: 'cannot stand beside environment, which has an address of its own: give one of the two',
        },
      ]
    : [];
}

/** Whether the last-mile URL may get the token of the environment. */
function lastMileProblems(given: Record<string, unknown>): QuiqupConfigProblem[] {
  const { environment, baseUrl, lastMileUrl, trustedOrigins } = given;
  // An invalid URL is already a problem of its own.
  const wanted = typeof lastMileUrl === 'string' ? parseSecureUrl(lastMileUrl)?.origin : undefined;
  if (wanted === undefined || isGiven(baseUrl) || !isEnvironment(environment)) {
    return [];
  }
  const { platformUrl, lastMileUrl: ownUrl, otherOrigins } = QUIQUP_HOSTS[environment];
  if (ownUrl === undefined) {
    const problem = `cannot stand beside environment '${environment}', which has no last-mile API: leave it out`;
    return [{ path: 'lastMileUrl', problem }];
  }
  const trusted = [platformUrl, ownUrl, ...otherOrigins, ...(Array.isArray(trustedOrigins) ? trustedOrigins : [])];
  if (trusted.some((url) => parseSecureUrl(String(url))?.origin === wanted)) {
    return [];
  }
  const problem =
    `is not on a host of environment '${environment}', whose token it would get: name its origin in trustedOrigins, ` +
    'or leave it out';
  return [{ path: 'lastMileUrl', problem }];
}

function isOwnAuthorization(headers: unknown): boolean {
  return (
    isRecord(headers) &&
    Object.entries(headers).some(([name, value]) =>
      name === 'common' ? isOwnAuthorization(value) : name.toLowerCase() === 'authorization',
    )
  );
}

function httpProblems(http: unknown): QuiqupConfigProblem[] {
  if (!isRecord(http)) {
    return [];
  }
  const refused = [...REFUSED_HTTP_OPTIONS]
    .filter(([name]) => ownValue(http, name) !== undefined)
    .map(([name, problem]) => ({ path: `http.${name}`, problem }));
  return isOwnAuthorization(http['headers'])
    ? [
        ...refused,
        { path: 'http.headers', problem: 'must not name Authorization: it would take the place of the token' },
      ]
    : refused;
}

/** The problems that no rule of a single option finds. */
export function optionProblems(given: unknown, known: KnownOptions): QuiqupConfigProblem[] {
  const options = knownOptionsOf(given, known);
  return [
    ...unknownOptions(given, options, known),
    ...addressProblems(options),
    ...lastMileProblems(options),
    ...httpProblems(options['http']),
  ];
}
