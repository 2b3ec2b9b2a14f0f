import { createKeyv } from '@keyv/redis';
import axios from 'axios';
import { createCache } from 'cache-manager';
import { requestToken } from './request-token.mjs';

/** The code of tutorials: every call reads the cache, and a call that finds nothing fills it. */
export function create(server) {
  const store = createKeyv(server.redis);
  // Without a listener an outage would end the process.
  store.on('error', () => undefined);
  const cache = createCache({ stores: [store] });
  const current = async () => {
    const kept = await cache.get('quiqup-token');
    if (kept) {
      return kept;
    }
    const { access_token: token, expires_in: lifetime } = await requestToken(server);
    await cache.set('quiqup-token', token, lifetime * 1_000);
    return token;
  };
  const http = axios.create({ baseURL: server.url, adapter: server.adapter });
  http.interceptors.request.use(async (config) => {
    config.headers.Authorization = `Bearer ${await current()}`;
    return config;
  });
  return { get: (path) => http.get(path), close: () => cache.disconnect(), current };
}
