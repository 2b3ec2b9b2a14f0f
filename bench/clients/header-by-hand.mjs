import axios from 'axios';
import { Agent } from 'node:https';
import { requestToken } from './request-token.mjs';

/** The limit: a token that never ends, set with each call. With `overHttps`, for what needs that. */
export async function create({ overHttps = false, ...server }) {
  const { access_token: token } = await requestToken(server);
  const where = overHttps
    ? { baseURL: server.https.url, httpsAgent: new Agent({ keepAlive: true, ca: server.https.ca }) }
    : { baseURL: server.url };
  const http = axios.create({ ...where, adapter: server.adapter });
  return { get: (path) => http.get(path, { headers: { Authorization: `Bearer ${token}` } }) };
}
