import * as v from 'valibot';
import type { QuiqupSealingKey } from './quiqup-auth-options.interface.js';
import { QUIQUP_HOSTS, type QuiqupEnvironment } from './quiqup-environments.js';
import { parseSecureUrl } from './secure-url.js';

/*
 * Every rule brings its own words: those of the library quote the value that was given, which may be a secret.
 * `RULE_WITHOUT_WORDS` stands in where a rule has none.
 */
export const RULE_WITHOUT_WORDS = 'is not valid';

const LARGEST_TIMEOUT = 2 ** 31 - 1;

/** An environment variable that is set to nothing counts as not set. */
const blankAsAbsent = v.transform((value: unknown) => (value === '' || value === null ? undefined : value));

function optionalText<const T extends v.GenericSchema<string, unknown>>(schema: T) {
  return v.optional(v.pipe(v.unknown(), blankAsAbsent, v.optional(schema)));
}

function section<const T extends v.ObjectEntries>(entries: T) {
  const known = Object.keys(entries).join(', ');
  return v.strictObject(entries, (issue) => {
    if (issue.expected === 'Object') {
      return `must be an object with some of: ${known}`;
    }
    return issue.expected === 'never' ? `is not an option; known here are ${known}` : 'is required';
  });
}

function fraction(preset: number) {
  const words = 'must be a number from 0 to below 1: a fraction of the lifetime';
  return v.optional(v.pipe(v.number(words), v.minValue(0, words), v.ltValue(1, words)), preset);
}

function milliseconds(preset: number) {
  const words = `must be a whole number of milliseconds from 1 to ${LARGEST_TIMEOUT}`;
  return v.optional(
    v.pipe(v.number(words), v.integer(words), v.minValue(1, words), v.maxValue(LARGEST_TIMEOUT, words)),
    preset,
  );
}

const CREDENTIAL_WORDS = 'is required: a non-empty string, or a function that returns one or a promise of one';
const credential = v.optional(
  v.pipe(
    v.custom<string | (() => unknown)>(
      (value) => typeof value === 'function' || (typeof value === 'string' && value !== ''),
      CREDENTIAL_WORDS,
    ),
    v.check(
      (value) => typeof value === 'function' || value === value.trim(),
      'must not begin or end with white space; a secret read from a file often brings its last line break along',
    ),
  ),
  '',
);

const SECURE_URL_WORDS = 'https (http only on loopback) and without a user name or password';
const apiUrl = v.pipe(
  v.string(`must be a URL with ${SECURE_URL_WORDS}`),
  v.check((value) => {
    const url = parseSecureUrl(value);
    return url !== undefined && url.search === '' && url.hash === '';
  }, `must be a URL with ${SECURE_URL_WORDS}, query or fragment`),
);

const ORIGIN_WORDS = `must be an origin such as https://host.example:8443, with ${SECURE_URL_WORDS}, path or query`;
const origin = v.pipe(
  v.string(ORIGIN_WORDS),
  v.check((value) => {
    const url = parseSecureUrl(value);
    return url !== undefined && url.pathname === '/' && url.search === '' && url.hash === '';
  }, ORIGIN_WORDS),
);

/** By what it can do, not by class: a CommonJS application loads another copy of cache-manager. */
function isCache(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['get', 'set', 'del'].every((method) => typeof (value as Record<string, unknown>)[method] === 'function')
  );
}

const cacheInstance = v.custom<object>(isCache, 'must be a cache of cache-manager, with get, set and del');

const SEALING_KEY_WORDS = 'must be a key of at least 32 bytes or characters, or a list of such keys';
function isSealingKey(value: unknown): boolean {
  return (typeof value === 'string' || value instanceof Uint8Array) && value.length >= 32;
}

/** As a list, of which the first one seals. */
const sealingKeys = v.pipe(
  v.unknown(),
  blankAsAbsent,
  v.transform((value) => (value === undefined || Array.isArray(value) ? (value ?? []) : [value]) as unknown[]),
  v.check((values) => values.every(isSealingKey), SEALING_KEY_WORDS),
  v.transform((values) => values as QuiqupSealingKey[]),
);

const REDIS_WORDS = 'must be a redis:// or rediss:// URL';
const cacheOptions = v.pipe(
  section({
    redis: optionalText(
      v.pipe(
        v.string(REDIS_WORDS),
        v.check((value) => /^rediss?:\/\//.test(value) && URL.canParse(value), REDIS_WORDS),
      ),
    ),
    store: v.optional(cacheInstance),
    sealingKey: v.optional(sealingKeys, []),
  }),
  v.check(({ redis, store }) => redis === undefined || store === undefined, 'takes redis or store, not both'),
);

/** What of axios' options would break the token or belongs to another option. */
const REFUSED_HTTP_OPTIONS: Readonly<Record<string, string>> = {
  baseURL: 'is set by the options environment or baseUrl',
  auth: 'would take the place of the token',
};

function isOwnAuthorization(headers: unknown): boolean {
  return (
    typeof headers === 'object' &&
    headers !== null &&
    Object.entries(headers).some(([name, value]) =>
      name === 'common' ? isOwnAuthorization(value) : name.toLowerCase() === 'authorization',
    )
  );
}

/** Otherwise open: axios' options are axios' to define, and another version of it has others. */
const http = v.pipe(
  v.custom<Record<string, unknown>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be an object with options of axios, such as timeout, proxy or httpsAgent',
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) {
      return;
    }
    const refuse = (key: string, message: string): void => {
      addIssue({
        message,
        path: [{ type: 'object', origin: 'value', input: dataset.value, key, value: undefined }],
      });
    };
    for (const [key, words] of Object.entries(REFUSED_HTTP_OPTIONS)) {
      if (dataset.value[key] !== undefined) {
        refuse(key, words);
      }
    }
    if (isOwnAuthorization(dataset.value['headers'])) {
      refuse('headers', 'must not name Authorization: it would take the place of the token');
    }
  }),
);

const refresh = v.pipe(
  section({
    enabled: v.optional(v.boolean('must be true or false'), true),
    ahead: fraction(0.2),
    jitter: fraction(0.05),
    margin: fraction(0.1),
  }),
  v.forward(
    v.partialCheck(
      [['ahead'], ['margin']],
      ({ ahead, margin }) => margin < ahead,
      'must be below refresh.ahead, or calls would wait for a renewal that has not begun',
    ),
    ['margin'],
  ),
  v.forward(
    v.partialCheck(
      [['ahead'], ['jitter']],
      ({ ahead, jitter }) => ahead + jitter < 1,
      'must leave ahead + jitter below 1, or a token would be stale from the start',
    ),
    ['jitter'],
  ),
);

const timeouts = v.pipe(
  section({
    tokenRequest: milliseconds(5_000),
    lock: milliseconds(6_000),
    wait: milliseconds(10_000),
    store: milliseconds(1_000),
  }),
  v.forward(
    v.partialCheck(
      [['tokenRequest'], ['lock']],
      ({ tokenRequest, lock }) => lock > tokenRequest,
      'must be above timeouts.tokenRequest, or the lock would end before the request that it guards',
    ),
    ['lock'],
  ),
  v.forward(
    v.partialCheck(
      [['lock'], ['wait']],
      ({ lock, wait }) => wait >= lock + 1_000,
      'must be at least timeouts.lock + 1000, or a call would give up before the lock of a lost instance ends',
    ),
    ['wait'],
  ),
);

const ASSUMED_LIFETIME_WORDS = 'must be a number of seconds from 1';

/** What every account of an application may share. */
const sharedEntries = {
  environment: optionalText(v.picklist(['production', 'staging', 'mock'], "must be 'production', 'staging' or 'mock'")),
  baseUrl: optionalText(apiUrl),
  lastMileUrl: optionalText(apiUrl),
  trustedOrigins: v.optional(v.array(origin, 'must be a list of origins'), []),
  cache: v.optional(
    v.lazy((value) =>
      isCache(value)
        ? v.pipe(
            cacheInstance,
            v.transform((store) => ({ store, sealingKey: [] as QuiqupSealingKey[] })),
          )
        : cacheOptions,
    ),
    {},
  ),
  http: v.optional(http, {}),
  refresh: v.optional(refresh, {}),
  timeouts: v.optional(timeouts, {}),
  assumedLifetime: v.optional(
    v.pipe(v.number(ASSUMED_LIFETIME_WORDS), v.finite(ASSUMED_LIFETIME_WORDS), v.minValue(1, ASSUMED_LIFETIME_WORDS)),
    3_600,
  ),
};

interface Addressed {
  environment?: unknown;
  baseUrl?: unknown;
  lastMileUrl?: unknown;
  trustedOrigins?: unknown;
}

function isEnvironment(value: unknown): value is QuiqupEnvironment {
  return typeof value === 'string' && Object.hasOwn(QUIQUP_HOSTS, value);
}

/** Why a last-mile URL cannot stand beside an environment; `undefined` when it can. */
function lastMileProblem(environment: QuiqupEnvironment, lastMileUrl: string, trusted: unknown): string | undefined {
  const { platformUrl, lastMileUrl: ownUrl, otherOrigins } = QUIQUP_HOSTS[environment];
  if (ownUrl === undefined) {
    return `cannot stand beside environment '${environment}', which has no last-mile API: leave it out`;
  }
  const origins = [platformUrl, ownUrl, ...otherOrigins, ...(Array.isArray(trusted) ? trusted : [])];
  const wanted = parseSecureUrl(lastMileUrl)?.origin;
  // A value that is no URL has a problem of its own already.
  return wanted === undefined || origins.some((each) => parseSecureUrl(String(each))?.origin === wanted)
    ? undefined
    : `is not on a host of environment '${environment}', whose token it would get: name its origin in trustedOrigins, or leave it out`;
}

/** Also beside other problems: all are reported at once. */
function matchingAddresses<T extends Addressed>() {
  return v.rawCheck<T>(({ dataset, addIssue }) => {
    const { value } = dataset as { value: Addressed | undefined };
    if (typeof value !== 'object') {
      return;
    }
    const refuse = (key: keyof Addressed, message: string): void => {
      addIssue({ message, path: [{ type: 'object', origin: 'value', input: { ...value }, key, value: undefined }] });
    };
    const { environment, baseUrl, lastMileUrl, trustedOrigins } = value;
    if (environment === undefined && baseUrl === undefined) {
      refuse('environment', "is required: 'production', 'staging' or 'mock'; or give baseUrl");
    }
    if (environment !== undefined && baseUrl !== undefined) {
      refuse('baseUrl', 'cannot stand beside environment, which has an address of its own: give one of the two');
    } else if (isEnvironment(environment) && typeof lastMileUrl === 'string') {
      const problem = lastMileProblem(environment, lastMileUrl, trustedOrigins);
      if (problem !== undefined) {
        refuse('lastMileUrl', problem);
      }
    }
  });
}

/** What a user may pass, with defaults filled in. */
export const optionsSchema = v.pipe(
  section({
    clientId: credential,
    clientSecret: credential,
    ...sharedEntries,
    warmUp: v.optional(
      v.picklist(['background', 'await', 'off'], "must be 'background', 'await' or 'off'"),
      'background',
    ),
  }),
  matchingAddresses(),
);

const MAX_ACCOUNTS_WORDS = 'must be a whole number from 1 to 1000000';
const RESOLVER_WORDS = 'is required: a function that takes an account id and returns { clientId, clientSecret }';

/** What a user may pass to `forAccounts`, with defaults filled in. */
export const accountsOptionsSchema = v.pipe(
  section({
    resolveCredentials: v.optional(
      v.custom<(accountId: string) => unknown>((value) => typeof value === 'function', RESOLVER_WORDS),
      // Refused in the words of the rule, like one of the wrong type.
      '' as never,
    ),
    ...sharedEntries,
    maxAccounts: v.optional(
      v.pipe(
        v.number(MAX_ACCOUNTS_WORDS),
        v.integer(MAX_ACCOUNTS_WORDS),
        v.minValue(1, MAX_ACCOUNTS_WORDS),
        v.maxValue(1_000_000, MAX_ACCOUNTS_WORDS),
      ),
      1_000,
    ),
    idleTimeout: milliseconds(60 * 60 * 1_000),
  }),
  matchingAddresses(),
);
