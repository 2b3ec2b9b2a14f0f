import type { Cache } from 'cache-manager';
import * as v from 'valibot';
import { ownValue, schemaEntries } from './own-values.js';
import type { QuiqupCredentialsResolver } from './quiqup-accounts-options.interface.js';
import type { QuiqupCredential, QuiqupHttpOptions, QuiqupSealingKey } from './quiqup-auth-options.interface.js';
import { isRedisUrl } from './redis-url.js';
import { parseSecureUrl } from './secure-url.js';

/*
 * Every rule has its own message: the library's messages quote the given value, which may be a secret.
 */

const LARGEST_TIMEOUT = 2 ** 31 - 1;
const LARGEST_MAX_ACCOUNTS = 1_000_000;
const SHORTEST_SEALING_KEY = 32;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An empty environment variable counts as missing. */
function blankAsAbsent(value: unknown): unknown {
  return value === '' || value === null ? undefined : value;
}

/** A text that may be missing or empty. */
export function optionalText<const T extends v.GenericSchema<string, unknown>>(schema: T) {
  return v.optional(v.pipe(v.unknown(), v.transform(blankAsAbsent), v.optional(schema)));
}

/** An object with these options. A missing option gets the message of its own rule. */
export function section<const T extends v.ObjectEntries>(entries: T) {
  const names = Object.keys(entries);
  return v.pipe(
    v.custom<Record<string, unknown>>(isRecord, `must be an object with some of: ${names.join(', ')}`),
    v.transform((given) => Object.fromEntries(names.map((name) => [name, ownValue(given, name)]))),
    v.object(schemaEntries(entries)),
  );
}

export function fraction(preset: number) {
  const words = 'must be a number from 0 to below 1: a fraction of the lifetime';
  return v.optional(v.pipe(v.number(words), v.minValue(0, words), v.ltValue(1, words)), preset);
}

function wholeNumber(largest: number, words: string) {
  return v.pipe(v.number(words), v.integer(words), v.minValue(1, words), v.maxValue(largest, words));
}

const MILLISECONDS = wholeNumber(
  LARGEST_TIMEOUT,
  `must be a whole number of milliseconds from 1 to ${LARGEST_TIMEOUT}`,
);

export function milliseconds(preset: number) {
  return v.optional(MILLISECONDS, preset);
}

/** The options whose default depends on other options. */
export function optionalMilliseconds() {
  return v.optional(MILLISECONDS);
}

export function maxAccounts(preset: number) {
  return v.optional(
    wholeNumber(LARGEST_MAX_ACCOUNTS, `must be a whole number from 1 to ${LARGEST_MAX_ACCOUNTS}`),
    preset,
  );
}

export function lifetime(preset: number) {
  const words = 'must be a number of seconds from 1';
  return v.optional(v.pipe(v.number(words), v.finite(words), v.minValue(1, words)), preset);
}

export function trueOrFalse(preset: boolean) {
  return v.optional(v.boolean('must be true or false'), preset);
}

export function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  const shown = values.map((value) => `'${value}'`);
  return v.picklist(values, `must be ${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`);
}

export function credential() {
  return v.pipe(
    v.custom<QuiqupCredential>(
      (value) => typeof value === 'function' || (typeof value === 'string' && value !== ''),
      'is required: a non-empty string, or a function that returns one or a promise of one',
    ),
    v.check(
      (value) => typeof value === 'function' || value === value.trim(),
      'must not begin or end with white space; a secret read from a file often brings its last line break along',
    ),
  );
}

export function credentialsResolver() {
  return v.custom<QuiqupCredentialsResolver>(
    (value) => typeof value === 'function',
    'is required: a function that takes an account id and returns { clientId, clientSecret }',
  );
}

const SECURE_URL_WORDS = 'https (http only on loopback) and without a user name or password';

function secureUrl(words: string, fits: (url: URL) => boolean) {
  return v.pipe(
    v.string(words),
    v.check((value) => {
      const url = parseSecureUrl(value);
      return url !== undefined && url.search === '' && url.hash === '' && fits(url);
    }, words),
  );
}

/** The base URL of an API. */
export function apiUrl() {
  return secureUrl(`must be a URL with ${SECURE_URL_WORDS}, query or fragment`, () => true);
}

function origin() {
  const words = `must be an origin such as https://host.example:8443, with ${SECURE_URL_WORDS}, path or query`;
  return secureUrl(words, ({ pathname }) => pathname === '/');
}

export function origins() {
  return v.optional(v.array(origin(), 'must be a list of origins'), []);
}

const CACHE_METHODS = ['get', 'set', 'del', 'wrap', 'clear'];

/** Recognised by its methods, not its class: a CommonJS application loads another copy of cache-manager. */
export function isCache(value: unknown): value is Cache {
  return (
    isRecord(value) &&
    CACHE_METHODS.every((method) => typeof value[method] === 'function') &&
    Array.isArray(value['stores'])
  );
}

const CACHE_WORDS =
  'a cache of cache-manager, which createCache({ stores: [...] }) makes; a client of Redis, a Keyv, its adapter or ' +
  'options of CacheModule are none';

export function cacheInstance() {
  return v.custom<Cache>(isCache, `must be ${CACHE_WORDS}`);
}

/** Options of Nest's CacheModule and cache-manager that this module does not support. */
const CACHE_MODULE_OPTIONS = ['stores', 'ttl', 'max', 'isGlobal', 'refreshThreshold', 'nonBlocking', 'cacheId'];

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of another realm, such as Jest's, counts too.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Whether `cache` is something else altogether, so that its single options need no message. */
export function isNoCache(value: unknown): boolean {
  if (!isRecord(value)) {
    return value !== undefined;
  }
  if (isCache(value)) {
    return false;
  }
  const isOther = !isPlain(value) || Object.values(value).some((member) => typeof member === 'function');
  const isForModule = value['redis'] === undefined && CACHE_MODULE_OPTIONS.some((name) => name in value);
  return isOther || isForModule;
}

/** `cache`: the cache itself, or options. */
export function cacheOrOptions() {
  return v.pipe(
    v.unknown(),
    v.check((value) => !isNoCache(value), `must be { redis }, { store } or ${CACHE_WORDS}`),
  );
}

export function redisUrl() {
  const words =
    'must be a URL such as rediss://user:password@host:6379/0, by redis: or rediss:, with a host and, if any, the ' +
    'number of a database; special characters of the password must be percent-encoded';
  return v.pipe(v.string(words), v.check(isRedisUrl, words));
}

function isSealingKey(value: unknown): value is QuiqupSealingKey {
  return (typeof value === 'string' || value instanceof Uint8Array) && value.length >= SHORTEST_SEALING_KEY;
}

function asList(value: unknown): unknown {
  const given = blankAsAbsent(value);
  return given === undefined || Array.isArray(given) ? (given ?? []) : [given];
}

/** As a list. The first key seals. */
export function sealingKeys() {
  return v.pipe(
    v.unknown(),
    v.transform(asList),
    v.custom<QuiqupSealingKey[]>(
      (value) => Array.isArray(value) && value.every(isSealingKey),
      `must be a key of at least ${SHORTEST_SEALING_KEY} bytes or characters, or a list of such keys`,
    ),
  );
}

/** Accepts any name, because each axios version has its own options. */
export function axiosOptions() {
  return v.custom<QuiqupHttpOptions>(
    isRecord,
    'must be an object with options of axios, such as timeout, proxy or httpsAgent',
  );
}
