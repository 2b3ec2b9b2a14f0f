import axios from 'axios';

/** The token request that everybody but the module has to write. */
export async function requestToken({ url, clientId, clientSecret }, config) {
  const grant = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
  const { data } = await axios.post(new URL('oauth/token', url).href, grant, config);
  return data;
}
