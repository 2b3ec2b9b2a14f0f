/** The API that a host of Quiqup serves: fulfilment, or courier orders. */
export type SimulatedApi = 'platform' | 'last-mile';

/** One response on the wire. */
export interface SimulatedAnswer {
  readonly status: number;
  /** If two names differ only in case, the later one is sent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** Sends the body in several writes, without a length. */
  readonly isStreamed?: boolean;
}

export const JSON_CONTENT_TYPE = 'application/json; charset=utf-8';

export function jsonAnswer(status: number, value: unknown, headers: Record<string, string> = {}): SimulatedAnswer {
  return { status, headers: { 'Content-Type': JSON_CONTENT_TYPE, ...headers }, body: JSON.stringify(value) };
}

/** Text and bytes as they are, nothing for `undefined`, JSON for other values. */
export function bodyOf(value: unknown): string | Uint8Array {
  return typeof value === 'string' || value instanceof Uint8Array ? value : (JSON.stringify(value) ?? '');
}
