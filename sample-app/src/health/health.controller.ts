import { Controller, Get } from '@nestjs/common';
import { QuiqupTokenService, type QuiqupAuthEvent } from 'nestjs-quiqup-auth';

interface Health {
  readonly status: 'ok' | 'waiting for a token';
  readonly lastTokenEvent: object | undefined;
}

@Controller('health')
export class HealthController {
  private lastTokenEvent: object | undefined;

  constructor(private readonly tokens: QuiqupTokenService) {
    // Here, before the bootstrap, so that the first token is not missed; the module completes events$ at shutdown.
    tokens.events$.subscribe((event) => {
      this.lastTokenEvent = summaryOf(event) ?? this.lastTokenEvent;
    });
  }

  /** Answers 200 without a token too: the process is well, and restarting it would bring none. */
  @Get()
  check(): Health {
    return {
      status: this.tokens.peek() === undefined ? 'waiting for a token' : 'ok',
      lastTokenEvent: this.lastTokenEvent,
    };
  }
}

/** Of what has become of the token; `undefined` for events of other kinds. */
function summaryOf(event: QuiqupAuthEvent): object | undefined {
  switch (event.type) {
    case 'acquired':
    case 'adopted':
    case 'reused':
      return event;
    case 'renewal-failed': {
      const { type, cause, error, attempt, nextAttemptAt } = event;
      return { type, cause, code: error.code, attempt, nextAttemptAt };
    }
    default:
      return undefined;
  }
}
