import type { InternalAxiosRequestConfig } from 'axios';

type Fetch = typeof globalThis.fetch;

const statuses = new WeakMap<object, number>();
/** One for each `fetch`, for axios remembers what it has made of each. */
const watched = new WeakMap<Fetch, Fetch>();

/** The status that a `Request` was answered with. */
export function statusOfFetched(request: object): number | undefined {
  return statuses.get(request);
}

function watch(original: Fetch | undefined): Fetch {
  return async (input, init) => {
    const response = await (original ?? fetch)(input, init);
    if (typeof input === 'object') {
      statuses.set(input, response.status);
    }
    return response;
  };
}

const watchedGlobal = watch(undefined);

/**
 * The config to choose an adapter by. That of `fetch` says nothing of the status of an answer that is too long, so it is
 * overheard.
 */
export function overheard(config: InternalAxiosRequestConfig): InternalAxiosRequestConfig {
  if (!((config.maxContentLength ?? -1) > -1)) {
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
