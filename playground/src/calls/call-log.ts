import { Injectable } from '@nestjs/common';
import { getAdapter, isAxiosError, type AxiosInstance, type InternalAxiosRequestConfig } from 'axios';
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

/** A call under way. */
interface StartedCall {
  readonly at: number;
  sendings: number;
}

/** The outcome of each call to Quiqup. */
@Injectable()
export class CallLog {
  readonly calls$: Observable<RecordedCall>;
  private readonly calls = new Subject<RecordedCall>();
  private readonly started = new WeakMap<object, StartedCall>();

  constructor(quiqup: QuiqupHttpService) {
    this.calls$ = this.calls.asObservable();
    this.listen('fulfilment', quiqup.axiosRef);
    this.listen('last-mile', quiqup.lastMile.axiosRef);
  }

  private listen(api: QuiqupCall['api'], { interceptors, defaults }: AxiosInstance): void {
    interceptors.request.use((config) => {
      const call: StartedCall = { at: performance.now(), sendings: 0 };
      this.started.set(config, call);
      const adapter = getAdapter(config.adapter ?? defaults.adapter);
      // Below the module, which sends a call once more when Quiqup refused the token.
      config.adapter = (sent) => {
        call.sendings += 1;
        return adapter(sent);
      };
      return config;
    });
    interceptors.response.use(
      (response) => {
        this.record(api, response.config);
        return response;
      },
      (error: { readonly config?: InternalAxiosRequestConfig }) => {
        this.record(api, error.config, error);
        throw error;
      },
    );
  }

  private record(api: QuiqupCall['api'], config: InternalAxiosRequestConfig | undefined, error?: unknown): void {
    const call = config && this.started.get(config);
    if (config === undefined || call === undefined) {
      return;
    }
    const { method = 'get', url = '' } = config;
    this.calls.next({
      api,
      method: method.toUpperCase(),
      path: url,
      at: Date.now(),
      durationMs: performance.now() - call.at,
      ...(error === undefined
        ? { outcome: call.sendings > 1 ? 'recovered' : 'ok' }
        : { outcome: 'failed', reason: reasonOf(error) }),
    });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof QuiqupAuthError) {
    return error.code;
  }
  return isAxiosError(error) ? String(error.response?.status ?? error.code ?? 'no answer') : 'unknown error';
}
