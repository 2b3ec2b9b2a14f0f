import * as v from 'valibot';
import {
  apiUrl,
  axiosOptions,
  cacheInstance,
  cacheOrOptions,
  credential,
  credentialsResolver,
  fraction,
  isCache,
  lifetime,
  maxAccounts,
  milliseconds,
  oneOf,
  optionalMilliseconds,
  optionalText,
  origins,
  redisUrl,
  sealingKeys,
  section,
  trueOrFalse,
} from './option-rules.js';

const refreshEntries = {
  enabled: trueOrFalse(true),
  ahead: fraction(0.2),
  jitter: fraction(0.05),
  margin: fraction(0.1),
};

const refresh = v.pipe(
  section(refreshEntries),
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

const STORE_MS = 1_000;
/** A call may wait for several store commands that time out, one after another, and then for the endpoint. */
const COMMANDS_IN_A_WAIT = 4;

const timeoutEntries = {
  tokenRequest: milliseconds(5_000),
  lock: milliseconds(6_000),
  wait: milliseconds(10_000),
  store: optionalMilliseconds(),
};

const timeouts = v.pipe(
  section(timeoutEntries),
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
  v.forward(
    v.partialCheck(
      [['store'], ['wait']],
      ({ store, wait }) => store === undefined || store * COMMANDS_IN_A_WAIT <= wait,
      'must be a quarter of timeouts.wait at most, or a store that hangs would take up the time that a call waits',
    ),
    ['store'],
  ),
  v.transform(({ store, ...others }) => ({
    ...others,
    store: store ?? Math.min(STORE_MS, Math.floor(others.wait / COMMANDS_IN_A_WAIT)),
  })),
);

const cacheEntries = {
  redis: optionalText(redisUrl()),
  store: v.optional(cacheInstance()),
  sealingKey: v.optional(sealingKeys(), []),
};

const cache = v.pipe(
  cacheOrOptions(),
  v.transform((given) => (isCache(given) ? { store: given } : given)),
  section(cacheEntries),
  v.check(({ redis, store }) => redis === undefined || store === undefined, 'takes redis or store, not both'),
);

/** The options that the accounts of an application may share. */
const sharedEntries = {
  environment: optionalText(oneOf(['production', 'staging', 'mock'])),
  baseUrl: optionalText(apiUrl()),
  lastMileUrl: optionalText(apiUrl()),
  trustedOrigins: origins(),
  cache: v.optional(cache, {}),
  http: v.optional(axiosOptions(), {}),
  refresh: v.optional(refresh, {}),
  timeouts: v.optional(timeouts, {}),
  assumedLifetime: lifetime(3_600),
};

const entries = {
  clientId: credential(),
  clientSecret: credential(),
  ...sharedEntries,
  warmUp: v.optional(oneOf(['background', 'await', 'off']), 'background'),
};

const accountsEntries = {
  resolveCredentials: credentialsResolver(),
  ...sharedEntries,
  maxAccounts: maxAccounts(1_000),
  idleTimeout: milliseconds(60 * 60 * 1_000),
};

/** The user's options, with defaults filled in. */
export const optionsSchema = section(entries);

/** The user's options of `forAccounts`, with defaults filled in. */
export const accountsOptionsSchema = section(accountsEntries);

/** The names of the options, by section: '' for the top level. */
export type KnownOptions = Readonly<Record<'' | 'cache' | 'refresh' | 'timeouts', readonly string[]>>;

function knownOptions(ofAll: object): KnownOptions {
  return {
    '': Object.keys(ofAll),
    cache: Object.keys(cacheEntries),
    refresh: Object.keys(refreshEntries),
    timeouts: Object.keys(timeoutEntries),
  };
}

export const KNOWN_OPTIONS = knownOptions(entries);
export const KNOWN_ACCOUNTS_OPTIONS = knownOptions(accountsEntries);
