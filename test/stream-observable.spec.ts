import { describe, expect, it } from '@jest/globals';
import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import { Subject, throwError } from 'rxjs';
import { streamObservable } from '../lib/http/stream-observable.js';

const RESPONSE = { status: 200 } as AxiosResponse;

function subscribed() {
  const source = new Subject<AxiosResponse>();
  const started: AxiosRequestConfig[] = [];
  const seen: unknown[] = [];
  const observable = streamObservable({ url: '/orders' }, (config) => {
    started.push(config);
    return source;
  });
  const subscription = observable.subscribe({
    next: (response) => seen.push(response),
    error: (error) => seen.push(error),
    complete: () => seen.push('complete'),
  });
  const [config = {}] = started;
  return { source, seen, subscription, config, isCancelled: () => config.cancelToken?.reason !== undefined };
}

describe('The observable of a call whose response is a stream', () => {
  it('brings the response and completes, and can then be unsubscribed without an end to the stream', () => {
    const { source, seen, subscription, config, isCancelled } = subscribed();
    expect(config.url).toBe('/orders');
    source.next(RESPONSE);
    source.complete();
    subscription.unsubscribe();
    expect(seen).toEqual([RESPONSE, 'complete']);
    expect(isCancelled()).toBe(false);
  });

  it('goes on when it is unsubscribed once there is a response', () => {
    const { source, subscription, isCancelled } = subscribed();
    source.next(RESPONSE);
    subscription.unsubscribe();
    expect(isCancelled()).toBe(false);
    expect(source.observed).toBe(false);
  });

  it('is cancelled when it is unsubscribed before', () => {
    const { source, seen, subscription, isCancelled } = subscribed();
    expect(isCancelled()).toBe(false);
    subscription.unsubscribe();
    expect(isCancelled()).toBe(true);
    expect(source.observed).toBe(false);
    expect(seen).toEqual([]);
  });

  it('fails as the call does, which is not cancelled then', () => {
    const { source, seen, isCancelled } = subscribed();
    source.error('broken');
    expect(seen).toEqual(['broken']);
    expect(isCancelled()).toBe(false);
  });

  it('fails once where the call fails at once', () => {
    const seen: unknown[] = [];
    streamObservable({}, () => throwError(() => 'broken')).subscribe({ error: (error) => seen.push(error) });
    expect(seen).toEqual(['broken']);
  });
});
