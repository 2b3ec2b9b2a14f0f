/** Injects the validated options with every default filled in: `QuiqupAuthConfig`. */
export const QUIQUP_AUTH_CONFIG = Symbol('QUIQUP_AUTH_CONFIG');

/** Injection tokens of what applications have no business with. */
export const TOKEN_STORE = Symbol('QUIQUP_TOKEN_STORE');
export const REFRESH_LOCK = Symbol('QUIQUP_REFRESH_LOCK');
export const SCHEDULER = Symbol('QUIQUP_SCHEDULER');
