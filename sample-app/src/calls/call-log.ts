import { Injectable } from '@nestjs/common';
import { getAdapter, isAxiosError, type AxiosAdapter } from 'axios';
import { QuiqupAuthError, QuiqupHttpService } from 'nestjs-quiqup-auth';
import { Subject, type Observable } from 'rxjs';

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

/** What a call is to be sent with, so that its sendings are counted. */
export interface CallOptions {
  readonly adapter: AxiosAdapter;
}

/** What became of each call to Quiqup. */
@Injectable()
export class CallLog {
  readonly calls$: Observable<RecordedCall>;
  private readonly calls = new Subject<RecordedCall>();

  constructor(private readonly quiqup: QuiqupHttpService) {
    this.calls$ = this.calls.asObservable();
  }

  async record<T>(call: QuiqupCall, send: (path: string, options: CallOptions) => Promise<T>): Promise<T> {
    const adapter = getAdapter(this.quiqup.axiosRef.defaults.adapter);
    let sendings = 0;
    // Below the module, which sends a call once more when Quiqup refused the token.
    const counting: AxiosAdapter = (config) => {
      sendings += 1;
      return adapter(config);
    };
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
      const answer = await send(call.path, { adapter: counting });
      tell(sendings > 1 ? 'recovered' : 'ok');
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
