import type { Cache } from 'cache-manager';
import * as v from 'valibot';
import { QuiqupConfigError } from '../errors/index.js';
import { optionProblems, shownName } from './option-problems.js';
import type { QuiqupAccountsModuleOptions, QuiqupCredentialsResolver } from './quiqup-accounts-options.interface.js';
import type {
  QuiqupAuthModuleOptions,
  QuiqupCredential,
  QuiqupHttpOptions,
  QuiqupSealingKey,
} from './quiqup-auth-options.interface.js';
import {
  accountsOptionsSchema,
  KNOWN_ACCOUNTS_OPTIONS,
  KNOWN_OPTIONS,
  optionsSchema,
  type KnownOptions,
} from './quiqup-auth-options.schema.js';
import { QUIQUP_HOSTS, type QuiqupEnvironment, type QuiqupHosts } from './quiqup-environments.js';
import { shownRedisUrl } from './redis-url.js';
import { shownAs } from './shown-as.js';

/** The validated options that several accounts may share, with every default. */
export interface QuiqupSharedConfig {
  /** `undefined` if `baseUrl` was given. */
  readonly environment: QuiqupEnvironment | undefined;
  /** The platform API, with a slash at its end. */
  readonly baseUrl: string;
  /** The last-mile API, with a slash at its end; `undefined` on the mock environment, which has none. */
  readonly lastMileUrl: string | undefined;
  /** The token endpoint. */
  readonly tokenUrl: string;
  /** The origins that get a token, as the WHATWG URL parser writes them. */
  readonly trustedOrigins: readonly string[];
  readonly cache: {
    readonly redis: string | undefined;
    readonly store: Cache | undefined;
    /** Your own keys for the stored entries; empty if the client secret encrypts them. */
    readonly sealingKeys: () => readonly QuiqupSealingKey[];
  };
  readonly http: QuiqupHttpOptions;
  readonly refresh: {
    readonly enabled: boolean;
    readonly ahead: number;
    readonly jitter: number;
    readonly margin: number;
  };
  /** In ms. */
  readonly timeouts: {
    readonly tokenRequest: number;
    readonly lock: number;
    readonly wait: number;
    readonly store: number;
  };
  /** In s. */
  readonly assumedLifetime: number;
}

/**
 * The validated options with every default, frozen. Inject them with `QUIQUP_AUTH_CONFIG`. When you print or serialise
 * them, they show no credentials, no Redis password and nothing that the application passed to axios.
 */
export interface QuiqupAuthConfig extends QuiqupSharedConfig {
  /** Returns the client id. It is a function, so that a printed config contains no credential. */
  readonly clientId: () => string | Promise<string>;
  /** Returns the client secret. */
  readonly clientSecret: () => string | Promise<string>;
  readonly warmUp: 'background' | 'await' | 'off';
}

/** The validated options of `forAccounts`, with every default filled in. */
export interface QuiqupAccountsConfig extends QuiqupSharedConfig {
  readonly resolveCredentials: QuiqupCredentialsResolver;
  readonly maxAccounts: number;
  /** In ms. */
  readonly idleTimeout: number;
}

function asFunction(credential: QuiqupCredential): () => string | Promise<string> {
  return typeof credential === 'function' ? credential : () => credential;
}

/** Shows only whether the option is set, because an agent, a proxy or a header may hold secrets. */
function withoutObjects(options: object): object {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      typeof value === 'number' || typeof value === 'boolean' ? value : '[set]',
    ]),
  );
}

const RULE_WITHOUT_WORDS = 'is not valid';

function pathOf({ path }: v.BaseIssue<unknown>): string {
  return (path ?? []).map(({ key }) => shownName(String(key))).join('.');
}

type SharedOptions = Omit<v.InferOutput<typeof optionsSchema>, 'clientId' | 'clientSecret' | 'warmUp'>;

/** @throws {@link QuiqupConfigError} with all problems */
function validate<const T extends v.GenericSchema>(schema: T, known: KnownOptions, given: unknown): v.InferOutput<T> {
  const result = v.safeParse(schema, given, { message: () => RULE_WITHOUT_WORDS });
  const issues = (result.issues ?? []).map((issue) => ({ path: pathOf(issue), problem: issue.message }));
  const problems = [...issues, ...optionProblems(given, known)];
  if (!result.success || problems.length > 0) {
    throw new QuiqupConfigError(problems);
  }
  return result.output;
}

/** Ends with a slash, so that paths resolve below it and its prefix stays. */
function withSlash(url: string): string {
  const { href } = new URL(url);
  return href.endsWith('/') ? href : `${href}/`;
}

type Addresses = Pick<QuiqupSharedConfig, 'environment' | 'baseUrl' | 'lastMileUrl' | 'tokenUrl' | 'trustedOrigins'>;

function addressesOf({ environment, baseUrl = '', lastMileUrl, trustedOrigins }: SharedOptions): Addresses {
  const hosts: QuiqupHosts =
    environment === undefined
      ? { authUrl: baseUrl, platformUrl: baseUrl, lastMileUrl: baseUrl, otherOrigins: [] }
      : QUIQUP_HOSTS[environment];
  const platform = withSlash(hosts.platformUrl);
  const lastMile = lastMileUrl ?? hosts.lastMileUrl;
  const token = new URL('oauth/token', withSlash(hosts.authUrl));
  const trusted = [platform, ...(lastMile === undefined ? [] : [lastMile]), ...hosts.otherOrigins, ...trustedOrigins];
  return {
    environment,
    baseUrl: platform,
    lastMileUrl: lastMile === undefined ? undefined : withSlash(lastMile),
    tokenUrl: token.href,
    trustedOrigins: Object.freeze([...new Set(trusted.map((url) => new URL(url).origin))]),
  };
}

function sharedConfigOf(options: SharedOptions): QuiqupSharedConfig {
  const { cache, http, refresh, timeouts, assumedLifetime } = options;
  const { redis, store, sealingKey } = cache;
  return {
    ...addressesOf(options),
    cache: shownAs(
      { redis, store, sealingKeys: () => sealingKey },
      {
        redis: redis && shownRedisUrl(redis),
        store: store && '[set]',
        sealingKeys: sealingKey.length > 0 ? '[set]' : undefined,
      },
    ),
    http: shownAs(http, withoutObjects(http)),
    refresh: Object.freeze(refresh),
    timeouts: Object.freeze(timeouts),
    assumedLifetime,
  };
}

/**
 * Checks the options and fills in the defaults.
 *
 * @param given the options, or a function that returns them, so that a printed owner does not show them
 * @throws {@link QuiqupConfigError} with all that is wrong
 */
export function createQuiqupAuthConfig(
  given: QuiqupAuthModuleOptions | (() => QuiqupAuthModuleOptions),
): QuiqupAuthConfig {
  const options = validate(optionsSchema, KNOWN_OPTIONS, typeof given === 'function' ? given() : given);
  return Object.freeze({
    ...sharedConfigOf(options),
    clientId: asFunction(options.clientId),
    clientSecret: asFunction(options.clientSecret),
    warmUp: options.warmUp,
  });
}

/**
 * As {@link createQuiqupAuthConfig}, of the options of `forAccounts`.
 *
 * @throws {@link QuiqupConfigError} with all that is wrong
 */
export function createQuiqupAccountsConfig(given: () => QuiqupAccountsModuleOptions): QuiqupAccountsConfig {
  const { resolveCredentials, maxAccounts, idleTimeout, ...shared } = validate(
    accountsOptionsSchema,
    KNOWN_ACCOUNTS_OPTIONS,
    given(),
  );
  return Object.freeze({
    ...sharedConfigOf(shared),
    resolveCredentials,
    maxAccounts,
    idleTimeout,
  });
}
