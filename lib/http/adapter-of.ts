import type { AxiosAdapter, AxiosInstance, InternalAxiosRequestConfig } from 'axios';
import { axios } from './nest-axios.js';

type AdapterOption = InternalAxiosRequestConfig['adapter'];

/** Restores the call's own setting. */
export function restoreAdapter(config: InternalAxiosRequestConfig, original: AdapterOption): void {
  if (original === undefined) {
    delete config.adapter;
  } else {
    config.adapter = original;
  }
}

/**
 * The adapter that the instance would use for the call. It may be of another axios, as in a CommonJS application or with
 * another version, and then returns the responses and errors of that axios.
 */
export function adapterOf(config: InternalAxiosRequestConfig, instance: AxiosInstance): AxiosAdapter {
  const { adapter = instance.defaults.adapter } = config;
  if (typeof adapter === 'function') {
    return adapter;
  }
  return config.headers instanceof axios.AxiosHeaders
    ? axios.getAdapter(adapter ?? axios.defaults.adapter ?? [], config)
    : adapterOfItsAxios(instance);
}

/** axios does not export the adapters of an instance, so the instance's own axios has to send the call. */
function adapterOfItsAxios(instance: AxiosInstance): AxiosAdapter {
  const bare = bareInstanceOf(instance);
  return async (config) => {
    // The instance itself runs both.
    const sent = { ...config, transformRequest: [], transformResponse: [] };
    try {
      const response = await bare.request<unknown>(sent);
      response.config = config;
      return response;
    } catch (error) {
      handBack(error, config);
      throw error;
    }
  };
}

const bareInstances = new WeakMap<AxiosInstance, AxiosInstance>();

/** An instance of the same axios, without interceptors and defaults. */
function bareInstanceOf(instance: AxiosInstance): AxiosInstance {
  const known = bareInstances.get(instance);
  if (known !== undefined) {
    return known;
  }
  const bare = instance.create();
  for (const name of Object.keys(bare.defaults)) {
    Reflect.deleteProperty(bare.defaults, name);
  }
  bareInstances.set(instance, bare);
  return bare;
}

/** Puts the call's own config in place of the copy that was sent. */
function handBack(error: unknown, config: InternalAxiosRequestConfig): void {
  const failed = error as { config?: unknown; response?: { config?: unknown } } | null | undefined;
  if (typeof failed === 'object' && failed !== null && failed.config !== undefined) {
    failed.config = config;
  }
  if (failed?.response?.config !== undefined) {
    failed.response.config = config;
  }
}
