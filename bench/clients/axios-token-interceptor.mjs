import axios from 'axios';
import tokenProvider from 'axios-token-interceptor';
import { requestToken } from './request-token.mjs';

export function create(server) {
  const cache = tokenProvider.tokenCache(() => requestToken(server), { getMaxAge: (body) => body.expires_in * 1_000 });
  const http = axios.create({ baseURL: server.url, adapter: server.adapter });
  http.interceptors.request.use(
    tokenProvider({ getToken: cache, headerFormatter: (body) => `Bearer ${body.access_token}` }),
  );
  return { get: (path) => http.get(path), cache };
}
