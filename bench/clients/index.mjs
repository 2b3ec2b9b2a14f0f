/**
 * What is compared, each wired as its own README says. Loaded when used: what the library alone needs does without the
 * packages of this folder.
 */
export const CLIENTS = {
  'header by hand': () => import('./header-by-hand.mjs'),
  'header interceptor': () => import('./header-interceptor.mjs'),
  'nestjs-quiqup-auth': () => import('./quiqup.mjs'),
  'nestjs-quiqup-auth on Redis': () => import('./quiqup-on-redis.mjs'),
  'axios-token-interceptor': () => import('./axios-token-interceptor.mjs'),
  'axios-auth-refresh': () => import('./axios-auth-refresh.mjs'),
  'axios-auth-refresh, not deduplicated': () => import('./axios-auth-refresh-each.mjs'),
  'simple-oauth2': () => import('./simple-oauth2.mjs'),
  'cache-manager on Redis': () => import('./cache-manager.mjs'),
  '@azure/core-rest-pipeline': () => import('./azure-bearer-policy.mjs'),
};

/**
 * @param {keyof typeof CLIENTS} name
 * @param {object} server `url`, `clientId`, `clientSecret`; `redis` and `https` where the client needs them; `adapter`
 *   and `httpClient` in place of the network; `options` of the module
 * @returns {Promise<{ get(path: string): Promise<unknown>, close?(): Promise<unknown> }>}
 */
export async function createClient(name, server) {
  const { create } = await CLIENTS[name]();
  return create(server);
}
