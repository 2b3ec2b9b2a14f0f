import type { ConfigurableModuleAsyncOptions } from '@nestjs/common';
import type { CreateAxiosDefaults } from 'axios';
import type { Cache } from 'cache-manager';
import type { QuiqupEnvironment } from './quiqup-environments.js';

/**
 * A client id or secret: the value itself, or a function that fetches it. The module calls the function before each
 * token request, so that a rotated secret needs no restart.
 */
export type QuiqupCredential = string | (() => string | Promise<string>);

/**
 * Options of axios: `timeout` in ms, `proxy`, `httpAgent`, `httpsAgent`, `adapter`, `headers` and so on. They apply to
 * the calls of `QuiqupHttpService`. The token request uses only the options that decide how bytes travel (`proxy`,
 * agents, which it copies, `adapter`, `transport`, `fetchOptions` and the like), never headers, interceptors or redirects.
 * `axios.defaults` apply to neither.
 */
export type QuiqupHttpOptions = Omit<
  CreateAxiosDefaults,
  'auth' | 'baseURL' | 'cancelToken' | 'data' | 'method' | 'params' | 'signal' | 'url'
>;

/** A random key of at least 32 bytes, or a string of at least 32 characters, such as 32 random bytes in base64. */
export type QuiqupSealingKey = string | Uint8Array;

/** Where instances share the token. */
export interface QuiqupCacheOptions {
  /**
   * URL of a Redis server, `redis://` or `rediss://`. Needs the package `@keyv/redis`. The module opens the connection
   * and closes it at shutdown.
   * @default none: the memory of this process
   */
  redis?: string | undefined;
  /**
   * A cache of cache-manager that the application already has. The module never closes it.
   * @default none
   */
  store?: Cache | undefined;
  /**
   * Encrypts the stored entries, instead of a key derived from the client secret. Use it to manage keys yourself, or
   * when the fleet rotates its client secret on a server whose new tokens end the old ones: the stored token then
   * outlives the rotation. With several keys, the first encrypts and all decrypt, so that you can rotate keys too.
   * @default derived from the client secret (HKDF-SHA256)
   */
  sealingKey?: QuiqupSealingKey | readonly QuiqupSealingKey[] | undefined;
}

/** When a token is renewed, in fractions of its lifetime. */
export interface QuiqupRefreshOptions {
  /**
   * Whether a timer renews the token ahead of time. Without it, the first call that finds a stale token starts the
   * renewal in the background.
   * @default true
   */
  enabled?: boolean | undefined;
  /**
   * How long before its end a token becomes stale, as a fraction of its lifetime.
   * @default 0.2
   */
  ahead?: number | undefined;
  /**
   * Upper bound of the random fraction that each instance adds to `ahead`, so that a fleet does not renew all at once.
   * @default 0.05
   */
  jitter?: number | undefined;
  /**
   * How long before the token's end calls begin to wait for the renewal, as a fraction of the lifetime; 60 s at most.
   * Must be below `ahead`.
   * @default 0.1
   */
  margin?: number | undefined;
}

/**
 * Time limits, in ms. The module starts only if `wait` >= `lock` + 1000, `lock` > `tokenRequest` and `store` is at most a
 * quarter of `wait`.
 */
export interface QuiqupTimeoutOptions {
  /**
   * Limit of a whole token request, from connecting to the last byte of the response, and of the functions for
   * credentials.
   * @default 5000
   */
  tokenRequest?: number | undefined;
  /**
   * Lifetime of the lock around a token request.
   * @default 6000
   */
  lock?: number | undefined;
  /**
   * How long a call waits for a token before it fails with `QuiqupTokenWaitTimeoutError`.
   * @default 10000
   */
  wait?: number | undefined;
  /**
   * Limit of one command of the token store. Connecting to it may take twice as long. A quarter of `wait` at most.
   * @default 1000 (a quarter of `wait` if that is less)
   */
  store?: number | undefined;
}

/** The options of `QuiqupAuthModule`. An optional one may be `undefined`, and an empty string counts as omitted. */
export interface QuiqupAuthModuleOptions {
  /**
   * Quiqup's environment. Give this or `baseUrl`.
   */
  environment?: QuiqupEnvironment | undefined;
  /**
   * Another address of the platform API, such as a gateway or a simulator; its path prefix is kept. `https`, or `http`
   * on loopback. Give this or `environment`.
   */
  baseUrl?: string | undefined;
  /**
   * The last-mile API, which `QuiqupHttpService.lastMile` calls; its path prefix is kept. `https`, or `http` on loopback.
   * With `environment`, it must be on one of the environment's hosts or in `trustedOrigins`.
   * @default the environment's own host; with `baseUrl` the same address as `baseUrl`
   */
  lastMileUrl?: string | undefined;
  /** The client id that Quiqup gave for this environment. */
  clientId: QuiqupCredential;
  /** The client secret that belongs to it. */
  clientSecret: QuiqupCredential;
  /**
   * More origins that get the token, such as `https://quiqup-gateway.example.com`, in addition to the environment's hosts
   * or the origins of `baseUrl` and `lastMileUrl`.
   * @default []
   */
  trustedOrigins?: readonly string[] | undefined;
  /**
   * Where instances share the token: options, or a cache of cache-manager.
   * @default the memory of this process
   */
  cache?: QuiqupCacheOptions | Cache | undefined;
  /** Options of axios; see {@link QuiqupHttpOptions}. */
  http?: QuiqupHttpOptions | undefined;
  /** When a token is renewed. */
  refresh?: QuiqupRefreshOptions | undefined;
  /** Time limits. */
  timeouts?: QuiqupTimeoutOptions | undefined;
  /**
   * The lifetime, in s, of a token whose response has no `expires_in` (RFC 6749 section 5.1 allows it).
   * @default 3600
   */
  assumedLifetime?: number | undefined;
  /**
   * When the first token is fetched: on bootstrap in the background, on bootstrap and awaited, or with the first call.
   * With `'await'` the boot fails if Quiqup refuses the credentials. A transient failure of Quiqup or the network does not
   * stop it.
   * @default 'background'
   */
  warmUp?: 'background' | 'await' | 'off' | undefined;
}

/** Implemented by a class for `useClass` or `useExisting`. */
export interface QuiqupAuthOptionsFactory {
  createQuiqupAuthOptions(): QuiqupAuthModuleOptions | Promise<QuiqupAuthModuleOptions>;
}

/** The settings of `forRoot` and `forRootAsync` besides the options. Nest needs them before it resolves the options. */
export interface QuiqupAuthModuleExtras {
  /**
   * Whether every module can inject the providers without importing this module again.
   * @default true
   */
  isGlobal?: boolean | undefined;
  /**
   * Distinguishes several accounts in one application. Inject their providers with `InjectQuiqup(class, name)`, or get
   * their tokens with `getQuiqupProviderToken(class, name)`.
   * @default none: the classes themselves are the injection tokens
   */
  name?: string | undefined;
}

/** The argument of `forRootAsync`: `imports`, and one of `useFactory` with `inject`, `useClass`, `useExisting`. */
export interface QuiqupAuthModuleAsyncOptions
  extends ConfigurableModuleAsyncOptions<QuiqupAuthModuleOptions, 'createQuiqupAuthOptions'>, QuiqupAuthModuleExtras {}
