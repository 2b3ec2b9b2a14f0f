export { AccountRuntime } from './account-runtime.js';
export { QuiqupAccount } from './quiqup-account.js';
export type { QuiqupAccountsEvent } from './quiqup-accounts-event.js';
export { QuiqupAccounts } from './quiqup-accounts.js';
