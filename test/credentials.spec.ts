import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import type { QuiqupAuthConfig } from '../lib/config/index.js';
import { QuiqupCredentialsUnavailableError } from '../lib/errors/index.js';
import { resolveCredentials } from '../lib/token/credentials.js';
import { QuiqupAccessToken } from '../lib/token/quiqup-access-token.js';

const given = (changes: object = {}): QuiqupAuthConfig =>
  ({
    clientId: () => 'an-id',
    clientSecret: () => Promise.resolve('a-secret'),
    timeouts: { tokenRequest: 5_000 },
    ...changes,
  }) as unknown as QuiqupAuthConfig;

describe('The credentials', () => {
  it('are what the functions return now, at once or later', async () => {
    expect(await resolveCredentials(given())).toEqual({ clientId: 'an-id', clientSecret: 'a-secret' });
    expect(await resolveCredentials(given({ clientId: () => Promise.resolve('another') }))).toEqual({
      clientId: 'another',
      clientSecret: 'a-secret',
    });
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('with a-secret');
      },
    ],
    ['rejects', () => Promise.reject(new Error('with a-secret'))],
  ])('cannot be had where a function %s, and what it says is not shown', async (_, ask) => {
    for (const option of ['clientId', 'clientSecret']) {
      const error: unknown = await resolveCredentials(given({ [option]: ask })).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(QuiqupCredentialsUnavailableError);
      expect((error as Error).message).toContain(`${option} failed or did not answer within 5000 ms`);
      expect(inspect(error, { showHidden: true, depth: null })).not.toContain('with a-secret');
    }
  });

  it.each([[''], [undefined], [5], [['a-secret']]])('cannot be had where a function returns %j', async (value) => {
    for (const option of ['clientId', 'clientSecret']) {
      await expect(resolveCredentials(given({ [option]: () => value }))).rejects.toMatchObject({
        code: 'QUIQUP_CREDENTIALS_UNAVAILABLE',
        message: expect.stringContaining(`${option} did not return a non-empty string`),
      });
    }
  });
});

describe('A token with its details', () => {
  const token = new QuiqupAccessToken('the-access-token', new Date(Date.UTC(2026, 10, 27, 12)));

  it('has the token, its type, its end and its fingerprint', () => {
    expect(token.accessToken).toBe('the-access-token');
    expect(token.tokenType).toBe('Bearer');
    expect(token.expiresAt.toISOString()).toBe('2026-11-27T12:00:00.000Z');
    expect(token.fingerprint).toMatch(/^[\da-f]{8}$/);
    expect(new QuiqupAccessToken('another', token.expiresAt).fingerprint).not.toBe(token.fingerprint);
  });

  it('shows its fingerprint, and not the token, when it is printed or serialised', () => {
    const { fingerprint } = token;
    expect(JSON.parse(JSON.stringify(token))).toEqual({
      tokenType: 'Bearer',
      fingerprint,
      expiresAt: '2026-11-27T12:00:00.000Z',
    });
    const printed = inspect(token, { showHidden: true });
    expect(printed).toMatch(/^QuiqupAccessToken \{/);
    expect(printed).toContain(fingerprint);
    expect(printed).not.toContain('the-access-token');
  });
});
