import { afterEach, describe, expect, it } from '@jest/globals';
import type { QuiqupAuthModuleOptions } from 'nestjs-quiqup-auth';
import { createQuiqupAuthConfig } from '../lib/config/index.js';
import { QuiqupApp } from './support/quiqup-app.js';

const polluted: string[] = [];
afterEach(() => polluted.splice(0).forEach((name) => Reflect.deleteProperty(Object.prototype, name)));

/** Enumerable, as an assignment makes it. */
function pollute(name: string, value: unknown): void {
  polluted.push(name);
  // oxlint-disable-next-line no-extend-native
  Object.defineProperty(Object.prototype, name, { value, enumerable: true, configurable: true, writable: true });
}

describe('A property on Object.prototype', () => {
  it.each<[string, unknown]>([
    ['helper', () => undefined],
    ['redis', 'redis://127.0.0.1:1'],
    ['clientId', 'somebody'],
    ['clientSecret', 'something'],
    ['environment', 'production'],
    ['sealingKey', 'short'],
    ['enabled', 'yes'],
    ['trustedOrigins', ['https://elsewhere.example']],
    ['http', { maxRedirects: 'many' }],
    ['proxy', { host: '127.0.0.1', port: 1 }],
    ['socketPath', '/nowhere'],
    ['transport', 'none'],
    ['record', 'none'],
    ['writtenAt', 'never'],
    ['access_token', 'none'],
    ['expires_in', 'soon'],
    ['error', 'server_error'],
  ])('is no option, no network and no answer: %s', async (name, value) => {
    pollute(name, value);
    const app = await QuiqupApp.start();
    const { status } = await app.quiqup.axiosRef.get('/api/fulfilment/orders');
    await app.stop();
    expect(status).toBe(200);
  });

  it('does not stand in for an option that is missing', () => {
    pollute('clientSecret', 'something');
    const options = { environment: 'staging', clientId: 'an-id' } as QuiqupAuthModuleOptions;
    expect(() => createQuiqupAuthConfig(options)).toThrow(/clientSecret/);
  });

  it('leaves the options that a class has', () => {
    class Options {
      readonly environment = 'staging';
      get clientId(): string {
        return 'an-id';
      }
      get clientSecret(): string {
        return 'a-secret';
      }
    }
    expect(createQuiqupAuthConfig(new Options()).clientSecret()).toBe('a-secret');
  });
});
