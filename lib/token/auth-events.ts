import { Logger } from '@nestjs/common';
import { Observable, Subject, Subscriber, type Observer, type OperatorFunction, type Subscription } from 'rxjs';
import { inOwnContext } from '../time/index.js';
import type { QuiqupAuthEvent } from './quiqup-auth-event.js';

const logger = new Logger('QuiqupAuth');

function report(error: unknown): void {
  logger.error('A subscriber of events$ threw.', error instanceof Error ? error.stack : undefined);
}

/**
 * Contains a subscriber's error: RxJS would rethrow it where nobody can catch it, which ends the process. A piped
 * observable is guarded as well.
 */
class GuardedObservable<T> extends Observable<T> {
  override subscribe(
    observerOrNext?: Partial<Observer<T>> | ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    // An operator: its errors reach the observer at the end.
    if (observerOrNext instanceof Subscriber) {
      return super.subscribe(observerOrNext);
    }
    const observer: Partial<Observer<T>> =
      typeof observerOrNext === 'object' && observerOrNext !== null
        ? observerOrNext
        : { ...(observerOrNext && { next: observerOrNext }), ...(error && { error }), ...(complete && { complete }) };
    return super.subscribe({
      next: (value) => attempt(() => observer.next?.(value)),
      error: (thrown: unknown) => attempt(() => (observer.error ? observer.error(thrown) : report(thrown))),
      complete: () => attempt(() => observer.complete?.()),
    });
  }

  override pipe(...operators: OperatorFunction<never, unknown>[]): Observable<never> {
    const piped = operators.reduce<Observable<unknown>>(
      (source, operator) => operator(source as Observable<never>),
      this,
    ) as Observable<never>;
    return new GuardedObservable<never>((subscriber) => piped.subscribe(subscriber));
  }
}

function attempt(handler: () => void): void {
  try {
    handler();
  } catch (error) {
    report(error);
  }
}

/** The events of one account. */
export class AuthEvents<E = QuiqupAuthEvent> {
  private readonly subject = new Subject<E>();
  readonly events$: Observable<E> = new GuardedObservable((subscriber) => this.subject.subscribe(subscriber));

  /**
   * @param alsoTo receives every event as well, at less cost than a subscriber
   */
  constructor(private readonly alsoTo?: (event: E) => void) {}

  /** Runs outside the async context of the call that caused the event. */
  emit(event: E): void {
    inOwnContext(() => {
      this.subject.next(event);
      this.alsoTo?.(event);
    });
  }

  complete(): void {
    inOwnContext(() => this.subject.complete());
  }
}
