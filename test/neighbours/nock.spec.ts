import { afterEach, describe, expect, it } from '@jest/globals';
import nock from 'nock';
import { QuiqupApp } from '../support/quiqup-app.js';

const READ = '/api/fulfilment/inventory';
const HOST = 'https://platform-api.staging.quiqup.com';
const TOKEN = { access_token: 'of-the-mock', token_type: 'bearer', expires_in: 3_600 };
/** A mocked network answers for staging; no byte leaves the process. */
const STAGING = { baseUrl: HOST, clientId: 'id', clientSecret: 'secret' };

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
