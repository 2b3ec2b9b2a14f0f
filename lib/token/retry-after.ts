/** The delay of `Retry-After` in ms, from delay seconds or an HTTP date (RFC 9110 section 10.2.3). */
export function parseRetryAfter(value: unknown, wallClockNow: number): number | undefined {
  if (typeof value !== 'string') {
    return undefined;
  }
  const text = value.trim();
  if (/^\d+(?:\.\d+)?$/.test(text)) {
    return Math.min(Number(text) * 1_000, Number.MAX_SAFE_INTEGER);
  }
  // Every HTTP date has a time of day. Without this check the parser makes a date of "-5" and of "in 2099".
  const date = /\d\d:\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - wallClockNow);
}
