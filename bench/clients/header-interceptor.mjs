import axios from 'axios';
import { requestToken } from './request-token.mjs';

/** A synchronous interceptor that sets a header and does nothing else. */
export async function create(server) {
  const { access_token: token } = await requestToken(server);
  const http = axios.create({ baseURL: server.url, adapter: server.adapter });
  http.interceptors.request.use(
    (config) => {
      config.headers.set('Authorization', `Bearer ${token}`);
      return config;
    },
    null,
    { synchronous: true },
  );
  return { get: (path) => http.get(path) };
}
