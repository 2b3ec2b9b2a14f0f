/** What the module is compared with, by the names of `clients/`. */
export const RIVALS = [
  'axios-token-interceptor',
  'axios-auth-refresh',
  'axios-auth-refresh, not deduplicated',
  'simple-oauth2',
  'cache-manager on Redis',
  '@azure/core-rest-pipeline',
];
