import { describe, expect, it } from '@jest/globals';
import {
  ConnectionClosedError,
  errorTextOf,
  isConnectionLoss,
  NoConnectionError,
} from '../lib/store/connection-errors.js';
import { reasonOf } from '../lib/store/index.js';

const reason = (message: string, more: object = {}): string => reasonOf(Object.assign(new Error(message), more));

describe('The reason for a lost store', () => {
  it.each([
    ["ERR unknown command 'AUTH', with args beginning with: 'default' 'canary' ", 'ERR unknown command'],
    ['ERR unknown command `AUTH`, with args beginning with: `canary`', 'ERR unknown command'],
    ['ERR AUTH canary called without any password configured', 'ERR AUTH'],
    ['ERR something that quotes canary', 'ERR'],
    ['WRONGPASS invalid username-password pair or user is disabled.', 'WRONGPASS'],
    ['NOAUTH Authentication required.', 'NOAUTH'],
    ["NOPERM User canary has no permissions to run the 'unlink' command", 'NOPERM: unlink'],
    ["NOPERM User it's 'canary' command has no permissions to run the 'set' command", 'NOPERM: set'],
    ["NOPERM this user has no permissions to run the 'canary' command", 'NOPERM'],
    ["NOPERM this user has no permissions to run the 'cluster|slots' command", 'NOPERM: cluster|slots'],
    ["ERR The user executing the script can't run this command or subcommand script: canary", 'NOPERM: del'],
    ["NOPERM ACL failure in script: User canary has no permissions to run the 'del' command", 'NOPERM: del'],
    ['NOPERM this user has no permissions to access one of the keys used as arguments', 'NOPERM on the key'],
    ['MOVED 1234 127.0.0.1:7000 canary', 'MOVED'],
    ["READONLY You can't write against a read only replica.", 'READONLY'],
    ['BUSY Redis is busy running a script.', 'BUSY'],
    ['MASTERDOWN Link with MASTER is down', 'MASTERDOWN'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'OOM'],
    ['CANARY of another server', 'unknown error'],
    ['Socket closed unexpectedly', 'Socket closed unexpectedly'],
    ['The client is offline', 'The client is offline'],
    ['Connection timeout', 'Connection timeout'],
    ['connect to postgres://user:canary@host failed', 'unknown error'],
  ])('of %p is %p', (message, expected) => {
    expect(reason(message)).toBe(expected);
    expect(reason(message)).not.toMatch(/canary/i);
  });

  it('is the code of an error that has one, else the name of its class', () => {
    expect(reason('connect ECONNREFUSED 127.0.0.1:6379', { code: 'ECONNREFUSED' })).toBe('ECONNREFUSED');
    expect(reason('self-signed certificate', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })).toBe(
      'DEPTH_ZERO_SELF_SIGNED_CERT',
    );
    expect(reasonOf(new TypeError('canary'))).toBe('unknown error, TypeError');
    for (const thrown of [undefined, null, 'canary', 1, { message: 2 }]) {
      expect(reasonOf(thrown)).toBe('unknown error');
    }
  });

  it('is, of a connection, why there is none', () => {
    expect(reasonOf(new ConnectionClosedError())).toBe('the connection was closed by its owner');
    expect(reasonOf(new NoConnectionError(2_000, undefined))).toBe('no connection within 2000 ms');
    const cause = Object.assign(new Error('connect canary'), { code: 'ECONNREFUSED' });
    expect(reasonOf(new NoConnectionError(2_000, cause))).toBe('no connection within 2000 ms: ECONNREFUSED');
    expect(reasonOf(new NoConnectionError(2_000, new Error('canary')))).toBe(
      'no connection within 2000 ms: unknown error',
    );
  });

  it('is a single key as well as several', () => {
    expect(reason('NOPERM no permissions to access a key canary')).toBe('NOPERM on the key');
  });
});

describe('An error of a command', () => {
  it.each([
    [{ code: 'ECONNRESET' }, true],
    [{ code: 'EPIPE', message: 'write EPIPE' }, true],
    [{ message: 'Socket closed unexpectedly' }, true],
    [{ message: 'The client is closed' }, true],
    [{ message: 'Disconnects client' }, true],
    [{ message: 'ERR Socket closed' }, false],
    [{ code: 'ECONNREFUSED' }, false],
    [{ message: 'READONLY' }, false],
    [{ code: 104, message: ['Socket closed'] }, false],
  ])('%j is of a dead connection: %p', (own, isLoss) => {
    expect(isConnectionLoss(own)).toBe(isLoss);
  });

  it.each([undefined, null, 'Socket closed', 1])('that is none is of no dead connection: %p', (thrown) => {
    expect(isConnectionLoss(thrown)).toBe(false);
  });

  it('is known by its own texts, of which the message is cut', () => {
    expect(errorTextOf({ message: 'm'.repeat(2_000), code: 'C', name: 'N' })).toEqual({
      message: 'm'.repeat(1_000),
      code: 'C',
      name: 'N',
    });
    expect(errorTextOf({ message: 1, code: 2, name: 3 })).toEqual({ message: '', code: '', name: '' });
  });
});
