import type { InternalAxiosRequestConfig } from 'axios';
import { parseSecureUrl } from '../config/index.js';
import { goesElsewhere } from './destination.js';
import { axios } from './nest-axios.js';

const SLASH = 47;
const REMEMBERED_BASE_URLS = 16;
/** A first segment that no parser takes for a scheme, a host or a continuation of the base URL's host. */
const PLAIN_SEGMENT = /^[\w-]+(?:[/?#]|$)/;
/** An axios without the application's `axios.defaults`, which do not apply to other instances. */
const bareAxios = new axios.Axios({});

/** Decides which calls may carry the token: those whose final URL lies on a trusted origin. */
export class TrustedOrigins {
  private readonly origins: ReadonlySet<string>;
  /** Whether a trusted origin is plain `http:`, on this machine. */
  private readonly hasPlain: boolean;
  /** The results for the base URLs seen so far: Quiqup's two APIs, and those of the application's instances. */
  private readonly baseUrls = new Map<string, boolean>();

  /** @param socketPath the socket through which all of them are reached, if there is one */
  constructor(
    origins: readonly string[],
    private readonly socketPath?: string | null,
  ) {
    this.origins = new Set(origins);
    this.hasPlain = origins.some((origin) => origin.startsWith('http:'));
  }

  /** Whether the call, as axios would send it, goes to a trusted origin and nothing redirects it. */
  trusts(config: InternalAxiosRequestConfig): boolean {
    return this.trustsAddress(config) && !this.isLedElsewhere(config);
  }

  private isLedElsewhere(config: InternalAxiosRequestConfig): boolean {
    return goesElsewhere(config, () => parseSecureUrl(finalUrl(config)), this.socketPath, this.hasPlain);
  }

  private trustsAddress(config: InternalAxiosRequestConfig): boolean {
    const { url, baseURL } = config;
    // A path cannot leave the origin of its base URL. Most calls have one, and parsing a URL
    // costs a tenth of a call.
    if (
      // Untyped code may pass a URL object, which can change after the check.
      typeof baseURL === 'string' &&
      typeof url === 'string' &&
      isPath(url) &&
      this.trustsBaseUrl(baseURL)
    ) {
      return true;
    }
    // A value other than true or false means different things to different axios versions, and the adapter may be of any.
    if (typeof (config.allowAbsoluteUrls ?? true) !== 'boolean') {
      return false;
    }
    return this.trustsUrl(finalUrl(config));
  }

  /** Whether an absolute URL lies on a trusted origin, as the WHATWG URL parser sees it. */
  trustsUrl(url: string): boolean {
    const parsed = parseSecureUrl(url);
    return parsed !== undefined && this.origins.has(parsed.origin);
  }

  private trustsBaseUrl(baseURL: string): boolean {
    const known = this.baseUrls.get(baseURL);
    if (known !== undefined) {
      return known;
    }
    const isTrusted = this.trustsUrl(baseURL);
    if (this.baseUrls.size >= REMEMBERED_BASE_URLS) {
      this.baseUrls.clear();
    }
    this.baseUrls.set(baseURL, isTrusted);
    return isTrusted;
  }
}

/** A path with one slash at its start, or none. */
function isPath(url: string): boolean {
  return url.charCodeAt(0) === SLASH ? url.charCodeAt(1) !== SLASH : PLAIN_SEGMENT.test(url);
}

/** Built by axios itself, so that the checked URL is the one that is sent. `params` cannot change the origin. */
function finalUrl({ url, baseURL, allowAbsoluteUrls }: InternalAxiosRequestConfig): string {
  return bareAxios.getUri({
    ...(url !== undefined && { url }),
    ...(baseURL !== undefined && { baseURL }),
    ...(allowAbsoluteUrls !== undefined && { allowAbsoluteUrls }),
  });
}
