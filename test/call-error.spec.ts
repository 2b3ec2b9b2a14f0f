import { describe, expect, it } from '@jest/globals';
import { isAxiosError, type InternalAxiosRequestConfig } from 'axios';
import { types } from 'node:util';
import { QuiqupAuthError, QuiqupShutDownError } from '../lib/errors/index.js';
import { errorOfCall } from '../lib/http/call-error.js';

const config = { url: '/orders' } as InternalAxiosRequestConfig;

describe('The error of one call that there is no token for', () => {
  const shared = new QuiqupShutDownError('The application has shut down.');
  const own = errorOfCall(shared, config) as QuiqupShutDownError & Record<string, unknown>;

  it("is that call's own, and the same in class, code, message and stack", () => {
    expect(own).not.toBe(shared);
    expect(own).toBeInstanceOf(QuiqupShutDownError);
    expect(own).toBeInstanceOf(QuiqupAuthError);
    expect(types.isNativeError(own)).toBe(true);
    expect([own.code, own.message, own.stack, own.name]).toEqual([
      shared.code,
      shared.message,
      shared.stack,
      shared.name,
    ]);
  });

  it('has what the ecosystem of axios asks for, and does not print it', () => {
    expect(isAxiosError(own)).toBe(true);
    expect([own['config'], own['isAxiosError']]).toEqual([config, true]);
    expect(['request' in own, 'response' in own, own['request'], own['response']]).toEqual([
      true,
      true,
      undefined,
      undefined,
    ]);
    expect(Object.keys(own)).toEqual(Object.keys(shared));
  });

  it('can be written on and cleared, by interceptors of the call', () => {
    Object.assign(own, { config: { url: '/other' }, response: { status: 503 } });
    expect([own['config'], own['response']]).toEqual([{ url: '/other' }, { status: 503 }]);
    expect(Reflect.deleteProperty(own, 'config')).toBe(true);
    expect('config' in shared).toBe(false);
  });

  it.each([new TypeError('another'), 'a text', undefined])('is any other error as it is: %p', (error) => {
    expect(errorOfCall(error, config)).toBe(error);
  });
});
