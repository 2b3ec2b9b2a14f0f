import axios from 'axios';
import { createAuthRefresh } from 'axios-auth-refresh';
import { requestToken } from './request-token.mjs';

export function createWith(server, refreshOptions) {
  let token = server.token;
  const http = axios.create({ baseURL: server.url, adapter: server.adapter });
  http.interceptors.request.use((config) => {
    config.headers.Authorization = `Bearer ${token}`;
    return config;
  });
  const refresh = async (failedRequest) => {
    ({ access_token: token } = await requestToken(server, { skipAuthRefresh: true }));
    failedRequest.response.config.headers.Authorization = `Bearer ${token}`;
  };
  createAuthRefresh(http, refresh, refreshOptions);
  return { get: (path) => http.get(path) };
}

export async function create(server) {
  // With an adapter there is no 401 that would bring the first token.
  const token = server.adapter && (await requestToken(server)).access_token;
  return createWith({ ...server, token });
}
