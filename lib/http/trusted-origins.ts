import type { InternalAxiosRequestConfig } from 'axios';
import { parseSecureUrl } from '../config/index.js';
import { goesElsewhere } from './destination.js';
import { axios } from './nest-axios.js';

const SLASH = 47;
const REMEMBERED_BASE_URLS = 16;
/** A first segment that no reader takes for a scheme, a host or the end of the base URL's own host. */
const PLAIN_SEGMENT = /^[\w-]+(?:[/?#]|$)/;
/** An axios without the application's `axios.defaults`, which the calls of other instances have nothing of. */
const bareAxios = new axios.Axios({});

/** Decides which calls may carry the token: those whose final URL lies on a trusted origin. */
export class TrustedOrigins {
  private readonly origins: ReadonlySet<string>;
  /** Whether one of them is plain `http:`, on this machine. */
  private readonly hasPlain: boolean;
  /** The verdicts on the base URLs seen so far: two of Quiqup's APIs, and those of the application's instances. */
  private readonly baseUrls = new Map<string, boolean>();

  /** @param socketPath the way to all of them, where there is one */
  constructor(
    origins: readonly string[],
    private readonly socketPath?: string | null,
  ) {
    this.origins = new Set(origins);
    this.hasPlain = origins.some((origin) => origin.startsWith('http:'));
  }

  /** Whether the call, as axios would send it, goes to a trusted origin, and nothing leads it elsewhere. */
  trusts(config: InternalAxiosRequestConfig): boolean {
    return this.trustsAddress(config) && !this.isLedElsewhere(config);
  }

  private isLedElsewhere(config: InternalAxiosRequestConfig): boolean {
    return goesElsewhere(config, () => parseSecureUrl(finalUrl(config)), this.socketPath, this.hasPlain);
  }

  private trustsAddress(config: InternalAxiosRequestConfig): boolean {
    const { url, baseURL } = config;
    // A path: whatever follows, it cannot leave the origin of its base URL. Most calls are so, and to take a URL apart
    // costs as much as a tenth of a call.
    if (
      // Without types, a URL object may come here, which can change after its verdict.
      typeof baseURL === 'string' &&
      typeof url === 'string' &&
      isPath(url) &&
      this.trustsBaseUrl(baseURL)
    ) {
      return true;
    }
    // Neither yes nor no is read one way by one axios and another way by another, which the call's adapter may be of.
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

/** With one slash at its start, or none. */
function isPath(url: string): boolean {
  return url.charCodeAt(0) === SLASH ? url.charCodeAt(1) !== SLASH : PLAIN_SEGMENT.test(url);
}

/** By axios itself, so that what is judged here is what is sent; without `params`, which cannot change the origin. */
function finalUrl({ url, baseURL, allowAbsoluteUrls }: InternalAxiosRequestConfig): string {
  return bareAxios.getUri({
    ...(url !== undefined && { url }),
    ...(baseURL !== undefined && { baseURL }),
    ...(allowAbsoluteUrls !== undefined && { allowAbsoluteUrls }),
  });
}
