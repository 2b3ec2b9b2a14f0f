import type { InternalAxiosRequestConfig } from 'axios';

/** Headers that name the server: TLS checks its certificate, and HTTP selects its response. */
const HOST_HEADERS: ReadonlySet<string> = new Set(['host', ':authority']);
const PROXY_VARIABLES = ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'] as const;

/** Makes the address text, because an object may lead elsewhere when it is read again. */
export function fixAddress(config: InternalAxiosRequestConfig): void {
  // Untyped code may pass a URL object.
  const { url, baseURL } = config as { url?: string | URL | null; baseURL?: string | URL | null };
  if (url !== undefined && url !== null) {
    config.url = String(url);
  }
  if (baseURL !== undefined && baseURL !== null) {
    config.baseURL = String(baseURL);
  }
}

/**
 * Whether something besides the URL decides where the call goes: a `Host` header, a socket, or an environment's proxy
 * that would see all of a plain `http:` call. The call's own proxy, agent or `lookup` is the caller's decision.
 *
 * @param urlOf returns the URL that axios would use
 * @param socketPath the socket of the module's options, if Quiqup is reached through one
 * @param hasPlain whether the URL may be plain `http:`
 */
export function goesElsewhere(
  config: InternalAxiosRequestConfig,
  urlOf: () => URL | undefined,
  socketPath: string | null | undefined,
  hasPlain: boolean,
): boolean {
  return (
    ((config.socketPath ?? undefined) !== undefined && config.socketPath !== socketPath) ||
    namesOtherHost(config.headers, urlOf) ||
    (hasPlain && config.proxy === undefined && passesEnvironmentProxy(urlOf))
  );
}

function namesOtherHost(headers: Record<string, unknown>, urlOf: () => URL | undefined): boolean {
  return Object.keys(headers).some((name) => {
    // The length excludes most headers cheaply, because each call runs this.
    if ((name.length !== 4 && name.length !== 10) || !HOST_HEADERS.has(name.toLowerCase())) {
      return false;
    }
    const value = headers[name] as string | string[] | false | null | undefined;
    return value !== undefined && value !== null && value !== false && !isHostOf(String(value), urlOf());
  });
}

function isHostOf(host: string, url: URL | undefined): boolean {
  try {
    return url !== undefined && new URL(`${url.protocol}//${host}`).href === `${url.protocol}//${url.host}/`;
  } catch {
    return false;
  }
}

/** Reads the variables as axios does. An exception in `no_proxy` counts only if it is unambiguous. */
function passesEnvironmentProxy(urlOf: () => URL | undefined): boolean {
  const url = urlOf();
  if (url?.protocol !== 'http:' || !PROXY_VARIABLES.some((name) => process.env[name])) {
    return false;
  }
  const bypassed = (process.env['no_proxy'] || process.env['NO_PROXY'] || '').toLowerCase().split(/[\s,]+/);
  return ![url.hostname, url.host, '*'].some((name) => bypassed.includes(name));
}
