import type { QuiqupRenewalCause, QuiqupTokenService } from 'nestjs-quiqup-auth';
import type { Subscription } from 'rxjs';
import { say } from '../say.js';

const OCCASIONS: Readonly<Record<QuiqupRenewalCause, string>> = {
  'warm-up': 'at start',
  schedule: 'ahead of time',
  call: 'for a call',
  rejection: 'after a 401',
  refresh: 'on request',
};

/** Says which token comes when; of failures the module itself warns. */
export function keepTokenJournal(tokens: QuiqupTokenService): Subscription {
  return tokens.events$.subscribe((event) => {
    switch (event.type) {
      case 'acquired':
      case 'adopted':
      case 'reused': {
        const { fingerprint, type, cause, expiresAt } = event;
        say(`Token ${fingerprint} ${type} ${OCCASIONS[cause]}, good until ${expiresAt.toISOString()}.`);
        break;
      }
      default:
    }
  });
}
