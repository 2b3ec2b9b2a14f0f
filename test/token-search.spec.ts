import { describe, expect, it } from '@jest/globals';
import { deleteAuthorization, hasAuthorization, takeAuthorization } from '../lib/http/authorization-header.js';
import { leadsToToken } from '../lib/http/token-search.js';

const TOKEN = 'a-token';

const listOf = (length: number): object[] => Array.from({ length }, () => ({}));

describe('A value leads to the token', () => {
  const symbol = Symbol('kept');
  it.each<[string, unknown]>([
    ['as a text that contains it', `Bearer ${TOKEN}`],
    ['in a property', { a: { b: TOKEN } }],
    ['in a list', [[TOKEN]]],
    ['under a symbol', { [symbol]: TOKEN }],
    ['in a property that is not enumerable', Object.defineProperty({}, 'hidden', { value: TOKEN })],
    ['as a key of a Map', new Map([[TOKEN, 1]])],
    ['as a value of a Map', new Map([['a', { b: TOKEN }]])],
    ['in a Set', new Set([{ a: TOKEN }])],
  ])('%s', (_, value) => {
    expect(leadsToToken(value, TOKEN)).toBe(true);
  });

  it('as far as can be told, where there is too much to look through', () => {
    expect(leadsToToken(listOf(1_999), TOKEN)).toBe(false);
    expect(leadsToToken(listOf(2_000), TOKEN)).toBe(true);
  });
});

describe('A value does not lead to the token', () => {
  it.each<[string, unknown]>([
    ['none', undefined],
    ['null', null],
    ['a number', 1],
    ['another text', 'a-toke'],
    ['bytes, which nobody prints as text', Buffer.from(TOKEN)],
    ['what a getter would make', Object.defineProperty({}, 'made', { get: () => TOKEN })],
    ['what a closure knows', { know: () => TOKEN }],
  ])('%s', (_, value) => {
    expect(leadsToToken(value, TOKEN)).toBe(false);
  });

  it('in a circle, which ends', () => {
    const circle: { own?: unknown } = {};
    circle.own = circle;
    expect(leadsToToken(circle, TOKEN)).toBe(false);
  });
});

describe('The authorization of a call', () => {
  const NAMES = ['Authorization', 'authorization', 'AUTHORIZATION'];

  it.each(NAMES)('is found and deleted whatever its case: %s', (name) => {
    const headers: Record<string, unknown> = { [name]: TOKEN, accept: '*/*' };
    expect(hasAuthorization(headers)).toBe(true);
    deleteAuthorization(headers);
    expect(headers).toEqual({ accept: '*/*' });
    expect(hasAuthorization(headers)).toBe(false);
  });

  it('is none where it is undefined, nor under a name that is like it', () => {
    const headers = { Authorization: undefined, 'x-authorization': 'a', authorizatios: 'b' };
    expect(hasAuthorization(headers)).toBe(false);
    expect(takeAuthorization(headers)).toBeUndefined();
    expect(headers).toEqual({ 'x-authorization': 'a', authorizatios: 'b' });
  });

  it('is taken out as it stood, with all that are named so', () => {
    const headers: Record<string, unknown> = { authorization: undefined, Authorization: TOKEN, accept: '*/*' };
    expect(takeAuthorization(headers)).toEqual(['Authorization', TOKEN]);
    expect(headers).toEqual({ accept: '*/*' });
  });

  it('is not deleted from no headers', () => {
    expect(() => deleteAuthorization(undefined)).not.toThrow();
  });
});
