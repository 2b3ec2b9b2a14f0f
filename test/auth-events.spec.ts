import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { filter, map, mergeMap, throwError } from 'rxjs';
import { AuthEvents } from '../lib/token/auth-events.js';
import { RecordedLog } from './support/recorded-log.js';

let log: RecordedLog;
let events: AuthEvents<number>;
beforeEach(() => {
  log = new RecordedLog();
  Logger.overrideLogger(log);
  events = new AuthEvents<number>();
});
afterEach(() => Logger.overrideLogger(false));

const breaks = (): never => {
  throw new Error('a mistake');
};
const reports = (): number => log.lines.filter((line) => line.includes('A subscriber of events$ threw.')).length;

describe('A subscriber of events$', () => {
  it('hears each event and the end, as a function or as an observer', () => {
    const seen: unknown[] = [];
    events.events$.subscribe((event) => seen.push(['function', event]));
    events.events$.subscribe({
      next: (event) => seen.push(['observer', event]),
      complete: () => seen.push('complete'),
    });
    // oxlint-disable-next-line typescript/no-deprecated -- as older code subscribes
    events.events$.subscribe(null, null, () => seen.push('complete, too'));
    events.emit(1);
    events.complete();
    expect(seen).toEqual([['function', 1], ['observer', 1], 'complete', 'complete, too']);
  });

  it('may want nothing', () => {
    events.events$.subscribe();
    events.events$.subscribe(null);
    events.events$.subscribe({});
    events.emit(1);
    events.complete();
    expect(reports()).toBe(0);
  });

  it('that throws is reported, keeps its subscription and stops no other', () => {
    const seen: unknown[] = [];
    events.events$.subscribe(breaks);
    events.events$.subscribe({ next: breaks, complete: breaks });
    events.events$.subscribe((event) => seen.push(event));
    events.emit(1);
    events.emit(2);
    events.complete();
    expect(seen).toEqual([1, 2]);
    expect(reports()).toBe(5);
  });

  it('may subscribe to what is piped, and is guarded there as well', () => {
    const seen: unknown[] = [];
    const even = events.events$.pipe(
      filter((event) => event % 2 === 0),
      map((event) => event * 10),
    );
    even.subscribe(breaks);
    even.subscribe((event) => seen.push(event));
    even.pipe(map((event) => event + 1)).subscribe((event) => seen.push(event));
    events.emit(1);
    events.emit(2);
    expect(seen).toEqual([20, 21]);
    expect(reports()).toBe(1);
  });

  it('hears the failure of an operator of its own, or it is reported', () => {
    const seen: unknown[] = [];
    const failing = () => events.events$.pipe(mergeMap(() => throwError(() => 'broken')));
    failing().subscribe({ error: (error) => seen.push(error) });
    // oxlint-disable-next-line typescript/no-deprecated -- as older code subscribes
    failing().subscribe(undefined, (error) => seen.push(error));
    failing().subscribe({ error: breaks });
    failing().subscribe(() => seen.push('never'));
    events.emit(1);
    expect(seen).toEqual(['broken', 'broken']);
    expect(reports()).toBe(2);
  });

  it('hears nothing more once it has unsubscribed', () => {
    const seen: unknown[] = [];
    events.events$.subscribe((event) => seen.push(event)).unsubscribe();
    events.emit(1);
    expect(seen).toEqual([]);
  });
});

describe('Whoever hears all events', () => {
  it('hears them after the subscribers', () => {
    const seen: unknown[] = [];
    const heard = new AuthEvents<number>((event) => seen.push(['all', event]));
    heard.events$.subscribe((event) => seen.push(event));
    heard.emit(1);
    expect(seen).toEqual([1, ['all', 1]]);
  });
});
