/** What `Retry-After` asks to wait, in ms: delay seconds or an HTTP date (RFC 9110 section 10.2.3). */
export function parseRetryAfter(value: unknown, wallClockNow: number): number | undefined {
  if (typeof value !== 'string') {
    return undefined;
  }
  const text = value.trim();
  if (/^\d+(?:\.\d+)?$/.test(text)) {
    return Number(text) * 1_000;
  }
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - wallClockNow);
}
