import type { InternalAxiosRequestConfig } from 'axios';

type Fetch = typeof globalThis.fetch;

/** The facts of a `fetch` response. */
interface Fetched {
  readonly status: number;
  /** Whether the response is of another origin, to which `fetch` sends no authorization. */
  readonly isFromElsewhere: boolean;
}

const answers = new WeakMap<object, Fetched>();
/** One for each `fetch`, because axios caches an adapter for each. */
const watched = new WeakMap<Fetch, Fetch>();

/** The facts of the response to a `Request`, if it was observed. */
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
 * The config to choose an adapter by. The `fetch` adapter reports neither a response's origin nor the status of one that
 * is too long, so its `fetch` is observed.
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
