import type { ConfigurableModuleAsyncOptions } from '@nestjs/common';
import type { CreateAxiosDefaults } from 'axios';
import type { Cache } from 'cache-manager';
import type { QuiqupEnvironment } from './quiqup-environments.js';

/**
 * A client id or secret: the value itself, or a function that fetches it. The function is asked before each token
 * request, so that a rotated secret is picked up without a restart.
 */
export type QuiqupCredential = string | (() => string | Promise<string>);

/**
 * How axios sends: `timeout` in ms, `proxy`, `httpAgent`, `httpsAgent`, `adapter`, `headers` and so on. It serves the
 * calls of `QuiqupHttpService`; the token request takes from it what the network needs (`proxy`, agents, `adapter`,
 * `lookup`, `family`, `socketPath`, `httpVersion`), never headers, interceptors or redirects.
 */
export type QuiqupHttpOptions = Omit<
  CreateAxiosDefaults,
  'auth' | 'baseURL' | 'cancelToken' | 'data' | 'method' | 'params' | 'signal' | 'url'
>;

/** A random key of at least 32 bytes, or a text of at least 32 characters, such as 32 random bytes in base64. */
export type QuiqupSealingKey = string | Uint8Array;

/** Where the token is kept for the other instances. */
export interface QuiqupCacheOptions {
  /**
   * URL of a Redis server, `redis://` or `rediss://`. Needs the package `@keyv/redis`. The connection is opened, and
   * closed at shutdown, by the module.
   * @default none: the memory of this process
   */
  redis?: string | undefined;
  /**
   * A cache of cache-manager that the application has already. It stays the application's: it is never closed here.
   * @default none
   */
  store?: Cache | undefined;
  /**
   * Seals what is stored, in place of a key derived from the client secret: for those who manage keys, and for a fleet
   * that rotates its client secret on a server whose new tokens end the old ones, as the stored token then outlives the
   * rotation. Of several the first seals and all open, so that keys can be rotated as well.
   * @default derived from the client secret (HKDF-SHA256)
   */
  sealingKey?: QuiqupSealingKey | readonly QuiqupSealingKey[] | undefined;
}

/** When a token is renewed, in fractions of its lifetime. */
export interface QuiqupRefreshOptions {
  /**
   * Whether a timer renews the token ahead of time. Without it the first call that finds the token stale starts the
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
   * Upper bound of the random fraction that each instance adds to `ahead`, so that a fleet does not renew at once.
   * @default 0.05
   */
  jitter?: number | undefined;
  /**
   * How long before its end calls begin to wait for the renewal, as a fraction of the lifetime; 60 s at most. Below
   * `ahead`.
   * @default 0.1
   */
  margin?: number | undefined;
}

/** Limits of time, in ms. `wait` >= `lock` + 1000 and `lock` > `tokenRequest`, or the module does not start. */
export interface QuiqupTimeoutOptions {
  /**
   * A token request in all, from connecting to the last byte of the answer; also the credentials' functions.
   * @default 5000
   */
  tokenRequest?: number | undefined;
  /**
   * The life of the lock around a token request.
   * @default 6000
   */
  lock?: number | undefined;
  /**
   * How long a call waits for a token before it fails with `QuiqupTokenWaitTimeoutError`.
   * @default 10000
   */
  wait?: number | undefined;
  /**
   * One command of the token store.
   * @default 1000
   */
  store?: number | undefined;
}

/** The options of `QuiqupAuthModule`. An optional one may be `undefined`, and an empty string counts as left out. */
export interface QuiqupAuthModuleOptions {
  /**
   * Quiqup's environment. Give this or `baseUrl`.
   */
  environment?: QuiqupEnvironment | undefined;
  /**
   * The platform API at an address of its own, such as a gateway or a simulator; its path prefix is kept. `https`,
   * or `http` on loopback. Give this or `environment`.
   */
  baseUrl?: string | undefined;
  /**
   * The last-mile API, which `QuiqupHttpService.lastMile` calls; its path prefix is kept. `https`, or `http` on loopback.
   * Beside `environment` it must be on one of the environment's hosts or on one of `trustedOrigins`.
   * @default the environment's own host; with `baseUrl` the same address as `baseUrl`
   */
  lastMileUrl?: string | undefined;
  /** The client id that Quiqup gave for this environment. */
  clientId: QuiqupCredential;
  /** The client secret that belongs to it. */
  clientSecret: QuiqupCredential;
  /**
   * Further origins that get the token, such as `https://quiqup-gateway.example.com`, besides the environment's hosts or
   * the origins of `baseUrl` and `lastMileUrl`.
   * @default []
   */
  trustedOrigins?: readonly string[] | undefined;
  /**
   * Where the token is kept for other instances: options, or a cache of cache-manager.
   * @default the memory of this process
   */
  cache?: QuiqupCacheOptions | Cache | undefined;
  /** How axios sends; see {@link QuiqupHttpOptions}. */
  http?: QuiqupHttpOptions | undefined;
  /** When a token is renewed. */
  refresh?: QuiqupRefreshOptions | undefined;
  /** Limits of time. */
  timeouts?: QuiqupTimeoutOptions | undefined;
  /**
   * The lifetime, in s, of a token whose answer names none (RFC 6749 section 5.1 allows it).
   * @default 3600
   */
  assumedLifetime?: number | undefined;
  /**
   * Whether the first token is fetched on bootstrap: in the background, awaited (the boot fails when Quiqup refuses
   * the credentials; a passing trouble of Quiqup or the network does not stop it), or with the first call.
   * @default 'background'
   */
  warmUp?: 'background' | 'await' | 'off' | undefined;
}

/** What a class given as `useClass` or `useExisting` implements. */
export interface QuiqupAuthOptionsFactory {
  createQuiqupAuthOptions(): QuiqupAuthModuleOptions | Promise<QuiqupAuthModuleOptions>;
}

/** What both `forRoot` and `forRootAsync` take besides the options, for it must be known before those are. */
export interface QuiqupAuthModuleExtras {
  /**
   * Whether the providers can be injected everywhere without importing the module again.
   * @default true
   */
  isGlobal?: boolean | undefined;
  /**
   * Tells several accounts in one application apart: their providers are injected with `InjectQuiqup(class, name)` and
   * got with `getQuiqupProviderToken(class, name)`.
   * @default none: the classes themselves are the injection tokens
   */
  name?: string | undefined;
}

/** What `QuiqupAuthModule.forRootAsync` takes: `imports`, and one of `useFactory` with `inject`, `useClass`, `useExisting`. */
export interface QuiqupAuthModuleAsyncOptions
  extends ConfigurableModuleAsyncOptions<QuiqupAuthModuleOptions, 'createQuiqupAuthOptions'>, QuiqupAuthModuleExtras {}
