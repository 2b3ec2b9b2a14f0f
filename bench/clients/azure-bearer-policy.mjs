import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createEmptyPipeline,
  createPipelineRequest,
  tlsPolicy,
} from '@azure/core-rest-pipeline';
import { requestToken } from './request-token.mjs';

/** The bearer policy alone, without those that retry, log and the like. It insists on https. */
export function create({ https, httpClient = createDefaultHttpClient(), ...server }) {
  const credential = {
    async getToken() {
      const { access_token: token, expires_in: lifetime } = await requestToken(server);
      return { token, expiresOnTimestamp: Date.now() + lifetime * 1_000 };
    },
  };
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: 'quiqup' }));
  pipeline.addPolicy(tlsPolicy({ ca: https.ca }));
  const get = async (path) => {
    const request = createPipelineRequest({ url: new URL(path, https.url).href });
    const response = await pipeline.sendRequest(httpClient, request);
    if (response.status >= 400) {
      throw new Error(String(response.status));
    }
    return response;
  };
  return { get };
}
