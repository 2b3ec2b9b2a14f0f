/** A try-out: it shows that a part works, and its figures mean little. */
export const isShort = process.argv.includes('--short');

/** The soak of an hour in place of 10 minutes. */
export const isHour = process.argv.includes('--hour');
