import { NestFactory } from '@nestjs/core';
import { QuiqupAuthModule, QuiqupFetchService, QuiqupHttpService, QuiqupTokenService } from 'nestjs-quiqup-auth';

export async function create({ url, clientId, clientSecret, adapter, options }) {
  const app = await NestFactory.createApplicationContext(
    QuiqupAuthModule.forRoot({ baseUrl: url, clientId, clientSecret, warmUp: 'off', ...options }),
    { logger: false },
  );
  const http = app.get(QuiqupHttpService);
  const fetches = app.get(QuiqupFetchService);
  const tokens = app.get(QuiqupTokenService);
  if (adapter !== undefined) {
    // In place of the network for the calls alone.
    await tokens.getAccessToken();
    http.axiosRef.defaults.adapter = adapter;
  }
  return { get: (path) => http.axiosRef.get(path), close: () => app.close(), http, tokens, fetches };
}
