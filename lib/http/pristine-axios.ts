import type { AxiosInstance, AxiosRequestTransformer, AxiosResponseTransformer, CreateAxiosDefaults } from 'axios';
import { isObject } from './is-object.js';
import { axios } from './nest-axios.js';

/**
 * axios' own two transformers, found by their names: the application may have added others before this package was
 * loaded.
 */
function axiosOwn<T extends AxiosRequestTransformer | AxiosResponseTransformer>(
  name: string,
  given: T | T[] | undefined,
): T | undefined {
  return [given ?? []].flat().find((transformer) => transformer.name === name) as T | undefined;
}

/** Replaces them if the application has removed them. */
const asJson: AxiosRequestTransformer = (data: unknown, headers) => {
  if (data instanceof URLSearchParams) {
    headers.setContentType('application/x-www-form-urlencoded;charset=utf-8', false);
    return data.toString();
  }
  if (!isObject(data) || (Object.getPrototypeOf(data) !== Object.prototype && !Array.isArray(data))) {
    return data;
  }
  headers.setContentType('application/json', false);
  return JSON.stringify(data);
};
const fromJson: AxiosResponseTransformer = function (data: unknown) {
  const { responseType = 'json' } = this;
  try {
    return typeof data === 'string' && data !== '' && responseType === 'json' ? (JSON.parse(data) as unknown) : data;
  } catch {
    return data;
  }
};

const TRANSFORM_REQUEST = axiosOwn('transformRequest', axios.defaults.transformRequest) ?? asJson;
const TRANSFORM_RESPONSE = axiosOwn('transformResponse', axios.defaults.transformResponse) ?? fromJson;

/** axios' original defaults. An application changes `axios.defaults`: credentials, cookies, limits for other servers. */
function factoryDefaults(): CreateAxiosDefaults {
  return {
    adapter: ['xhr', 'http', 'fetch'],
    transitional: {
      silentJSONParsing: true,
      forcedJSONParsing: true,
      clarifyTimeoutError: false,
      legacyInterceptorReqResOrdering: true,
    },
    transformRequest: [TRANSFORM_REQUEST],
    transformResponse: [TRANSFORM_RESPONSE],
    timeout: 0,
    xsrfCookieName: 'XSRF-TOKEN',
    xsrfHeaderName: 'X-XSRF-TOKEN',
    maxContentLength: -1,
    maxBodyLength: -1,
    validateStatus: (status) => status >= 200 && status < 300,
    headers: {
      common: { Accept: 'application/json, text/plain, */*' },
      delete: {},
      get: {},
      head: {},
      options: {},
      patch: {},
      post: {},
      put: {},
    },
  };
}

/** An axios instance without `axios.defaults`, even if they change later. */
export function createPristineAxios(options: CreateAxiosDefaults): AxiosInstance {
  const factory = axios.create();
  for (const name of Object.keys(factory.defaults)) {
    Reflect.deleteProperty(factory.defaults, name);
  }
  // Changed in place, because `create` starts from this object.
  Object.assign(factory.defaults, factoryDefaults());
  return factory.create(options);
}
