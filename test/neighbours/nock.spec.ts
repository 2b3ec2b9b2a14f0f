import { afterEach, describe, expect, it } from '@jest/globals';
import nock from 'nock';
import { QuiqupApp } from '../support/quiqup-app.js';
import { HOST, READ, STAGING, TOKEN } from './mocked-staging.js';

let quiqup: QuiqupApp;
afterEach(() => quiqup.stop());

describe('nock', () => {
  afterEach(() => {
    nock.cleanAll();
    nock.restore();
  });

  it('answers the token request and the call, with the header that was sent', async () => {
    const scope = nock(HOST).post('/oauth/token').reply(200, TOKEN);
    const read = nock(HOST, { reqheaders: { authorization: 'Bearer of-the-mock' } })
      .get(READ)
      .reply(200, ['stock']);
    quiqup = await QuiqupApp.start({ module: STAGING });
    expect((await quiqup.quiqup.axiosRef.get<unknown>(READ)).data).toEqual(['stock']);
    expect([scope.isDone(), read.isDone()]).toEqual([true, true]);
  });
});
