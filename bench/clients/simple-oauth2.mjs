import axios from 'axios';
import { ClientCredentials } from 'simple-oauth2';

export function create({ url, clientId, clientSecret, adapter }) {
  const client = new ClientCredentials({
    client: { id: clientId, secret: clientSecret },
    auth: { tokenHost: url },
    options: { bodyFormat: 'json', authorizationMethod: 'body' },
  });
  let accessToken;
  const current = async () => {
    if (accessToken === undefined || accessToken.expired()) {
      accessToken = await client.getToken({});
    }
    return accessToken.token.access_token;
  };
  const http = axios.create({ baseURL: url, adapter });
  http.interceptors.request.use(async (config) => {
    config.headers.Authorization = `Bearer ${await current()}`;
    return config;
  });
  return { get: (path) => http.get(path), current };
}
