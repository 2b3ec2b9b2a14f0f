import type { InternalAxiosRequestConfig } from 'axios';

type Fetch = typeof globalThis.fetch;

/** What a `Request` was answered. */
interface Fetched {
  readonly status: number;
  /** Whether the answer is of another origin, to which `fetch` takes no authorization along. */
  readonly isFromElsewhere: boolean;
}

const answers = new WeakMap<object, Fetched>();
/** One for each `fetch`, for axios remembers what it has made of each. */
const watched = new WeakMap<Fetch, Fetch>();

/** What a `Request` was answered, where it was overheard. */
export function fetchedBy(request: unknown): Fetched | undefined {
  return typeof request === 'object' && request !== null ? answers.get(request) : undefined;
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}

function watch(original: Fetch | undefined): Fetch {
  return async (input, init) => {
    const response = await (original ?? fetch)(input, init);
    if (typeof input === 'object') {
      const { status, redirected, url } = response;
      const asked = input instanceof URL ? input.href : input.url;
      answers.set(input, { status, isFromElsewhere: redirected && originOf(url) !== originOf(asked) });
    }
    return response;
  };
}

const watchedGlobal = watch(undefined);

/** Whether axios takes its `fetch` adapter: in Node it has no other but `http`. */
function usesFetch(adapter: InternalAxiosRequestConfig['adapter']): boolean {
  const names = Array.isArray(adapter) ? adapter : [adapter];
  return names.find((name) => name === 'http' || name === 'fetch') === 'fetch';
}

/**
 * The config to choose an adapter by. That of `fetch` tells neither where an answer is from, nor the status of one that
 * is too long, so it is overheard.
 */
export function overheard(config: InternalAxiosRequestConfig): InternalAxiosRequestConfig {
  if (!usesFetch(config.adapter) && !((config.maxContentLength ?? -1) > -1)) {
    return config;
  }
  const original = config.env?.fetch;
  let own = watchedGlobal;
  if (original !== undefined) {
    own = watched.get(original) ?? watch(original);
    watched.set(original, own);
  }
  return { ...config, env: { ...config.env, fetch: own } };
}
