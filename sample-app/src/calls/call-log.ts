import { Injectable } from '@nestjs/common';
import { isAxiosError } from 'axios';
import { QuiqupAuthError, QuiqupTokenService } from 'nestjs-quiqup-auth';
import { AsyncLocalStorage } from 'node:async_hooks';
import { filter, Subject, type Observable } from 'rxjs';

/** `recovered`: answered 401 at first, and accepted when the module sent it again. */
export type CallOutcome = 'ok' | 'recovered' | 'failed';

/** A call to one of Quiqup's APIs. */
export interface QuiqupCall {
  readonly api: 'fulfilment' | 'last-mile';
  readonly method: string;
  readonly path: string;
}

export interface RecordedCall extends QuiqupCall {
  /** When it was over, in epoch ms. */
  readonly at: number;
  readonly durationMs: number;
  readonly outcome: CallOutcome;
  /** The code of the error, or the status; of failed calls alone. */
  readonly reason?: string;
}

/** What became of each call to Quiqup. */
@Injectable()
export class CallLog {
  readonly calls$: Observable<RecordedCall>;
  private readonly calls = new Subject<RecordedCall>();
  private readonly underWay = new AsyncLocalStorage<{ isRecovered: boolean }>();

  constructor(tokens: QuiqupTokenService) {
    this.calls$ = this.calls.asObservable();
    // Told from within the call that it is about, which is how that one is known.
    tokens.events$.pipe(filter(({ type }) => type === 'recovered')).subscribe(() => {
      const course = this.underWay.getStore();
      if (course !== undefined) {
        course.isRecovered = true;
      }
    });
  }

  async record<T>(call: QuiqupCall, send: (call: QuiqupCall) => Promise<T>): Promise<T> {
    const course = { isRecovered: false };
    const startedAt = performance.now();
    const tell = (outcome: CallOutcome, reason?: string): void =>
      this.calls.next({
        ...call,
        at: Date.now(),
        durationMs: performance.now() - startedAt,
        outcome,
        ...(reason !== undefined && { reason }),
      });
    try {
      const answer = await this.underWay.run(course, send, call);
      tell(course.isRecovered ? 'recovered' : 'ok');
      return answer;
    } catch (error) {
      tell('failed', reasonOf(error));
      throw error;
    }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof QuiqupAuthError) {
    return error.code;
  }
  return isAxiosError(error) ? String(error.response?.status ?? error.code ?? 'no answer') : 'unknown error';
}
