import { SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { QuiqupTokenRequestEvent } from '../token/index.js';
import type { ObservedAccount } from './observed-account.js';
import { serverAttributes, tokenRequestAttributes, URL_FULL } from './semantic-conventions.js';

/**
 * A span for a token request that has just ended. It has its own trace, because the request serves all waiting calls and
 * belongs to none of them.
 */
export function recordTokenRequest(
  tracer: Tracer,
  event: QuiqupTokenRequestEvent,
  { spanAttributes, tokenUrl }: ObservedAccount,
): void {
  const endTime = Date.now();
  const span = tracer.startSpan(`POST ${tokenUrl.pathname}`, {
    kind: SpanKind.CLIENT,
    root: true,
    startTime: endTime - event.durationMs,
    attributes: {
      ...spanAttributes(event),
      ...serverAttributes(tokenUrl),
      ...tokenRequestAttributes(event),
      [URL_FULL]: tokenUrl.href,
    },
  });
  if (event.outcome !== 'success') {
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end(endTime);
}
