export const READ = '/api/fulfilment/inventory';
export const HOST = 'https://platform-api.staging.quiqup.com';
export const TOKEN = { access_token: 'of-the-mock', token_type: 'bearer', expires_in: 3_600 };
/** A mocked network answers for staging; no byte leaves the process. */
export const STAGING = { baseUrl: HOST, clientId: 'id', clientSecret: 'secret' };
