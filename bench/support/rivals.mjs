/** The clients that the module is compared with, by their names in `clients/`. */
export const RIVALS = [
  'axios-token-interceptor',
  'axios-auth-refresh',
  'axios-auth-refresh, not deduplicated',
  'simple-oauth2',
  'cache-manager on Redis',
  '@azure/core-rest-pipeline',
];
