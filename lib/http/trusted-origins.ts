import axios, { type InternalAxiosRequestConfig } from 'axios';
import { parseSecureUrl } from '../config/index.js';

const SLASH = 47;
/** An axios without the application's `axios.defaults`, which the calls of other instances have nothing of. */
const bareAxios = new axios.Axios({});

/** Decides which calls may carry the token: those whose final URL lies on a trusted origin. */
export class TrustedOrigins {
  private readonly origins: ReadonlySet<string>;
  private lastBaseUrl: string | undefined;
  private lastBaseUrlIsTrusted = false;

  constructor(origins: readonly string[]) {
    this.origins = new Set(origins);
  }

  /** Whether the call, as axios would send it, goes to a trusted origin. */
  trusts(config: InternalAxiosRequestConfig): boolean {
    const { url, baseURL } = config;
    // One slash at its start: whatever follows, the path cannot leave the origin of its base URL. Most calls are so.
    if (
      baseURL !== undefined &&
      // Without types, a URL object may come here.
      typeof url === 'string' &&
      url.charCodeAt(0) === SLASH &&
      url.charCodeAt(1) !== SLASH &&
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
    if (baseURL !== this.lastBaseUrl) {
      this.lastBaseUrlIsTrusted = this.trustsUrl(baseURL);
      this.lastBaseUrl = baseURL;
    }
    return this.lastBaseUrlIsTrusted;
  }
}

/** By axios itself, so that what is judged here is what is sent; without `params`, which cannot change the origin. */
function finalUrl({ url, baseURL, allowAbsoluteUrls }: InternalAxiosRequestConfig): string {
  return bareAxios.getUri({
    ...(url !== undefined && { url }),
    ...(baseURL !== undefined && { baseURL }),
    ...(allowAbsoluteUrls !== undefined && { allowAbsoluteUrls }),
  });
}
