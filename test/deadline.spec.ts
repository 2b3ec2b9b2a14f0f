import { describe, expect, it } from '@jest/globals';
import { getEventListeners } from 'node:events';
import { withDeadline } from '../lib/time/index.js';
import { HandClock } from './support/hand-clock.js';

/** Work that the test answers, or fails. */
function openWork(): { work: Promise<string>; answer: (value: string) => void; fail: (error: Error) => void } {
  let answer!: (value: string) => void;
  let fail!: (error: Error) => void;
  const work = new Promise<string>((resolve, reject) => {
    answer = resolve;
    fail = reject;
  });
  return { work, answer, fail };
}

describe('A deadline', () => {
  it('passes on what the work answers in time, and sets its timer back', async () => {
    const clock = new HandClock();
    expect(await withDeadline(Promise.resolve('an answer'), 100, clock)).toBe('an answer');
    await expect(withDeadline(Promise.reject(new Error('refused')), 100, clock)).rejects.toThrow('refused');
    await clock.turn(0);
    expect(clock.pending).toBe(0);
  });

  it('ends at once with its signal, and leaves neither a timer nor a listener', async () => {
    const clock = new HandClock();
    const abort = new AbortController();
    const { work } = openWork();
    const waiting = withDeadline(work, 100, clock, abort.signal);
    const answered = await withDeadline(Promise.resolve('an answer'), 100, clock, abort.signal);
    await clock.turn(0);
    expect([answered, getEventListeners(abort.signal, 'abort').length]).toEqual(['an answer', 1]);
    abort.abort(new Error('closing'));
    await expect(waiting).rejects.toThrow('closing');
    expect([clock.pending, getEventListeners(abort.signal, 'abort').length]).toEqual([0, 0]);
  });

  it('waits until the limit, and not longer', async () => {
    const clock = new HandClock();
    const { work } = openWork();
    const states: string[] = [];
    void withDeadline(work, 100, clock).catch((error: Error) => states.push(error.message));
    await clock.turn(99);
    expect(states).toEqual([]);
    await clock.turn(1);
    expect(states).toEqual(['no answer within 100 ms']);
  });

  it.each([0, 1])(
    'takes an answer that was there and is read %d turns of the event loop after the timer has fired',
    async (turns) => {
      const clock = new HandClock();
      const { work, answer } = openWork();
      const result = withDeadline(work, 100, clock);
      clock.jump(100);
      for (let turn = 0; turn < turns; turn += 1) {
        clock.turnLoop();
      }
      answer('just read');
      expect(await result).toBe('just read');
    },
  );

  it('gives the work up with the second turn of the event loop after the timer', async () => {
    const clock = new HandClock();
    const { work, answer } = openWork();
    const result = withDeadline(work, 100, clock);
    clock.jump(100);
    clock.turnLoop();
    clock.turnLoop();
    answer('too late');
    await expect(result).rejects.toThrow('no answer within 100 ms');
  });

  it('hears of a failure after it no more', async () => {
    const clock = new HandClock();
    const { work, fail } = openWork();
    const result = withDeadline(work, 100, clock);
    result.catch(() => undefined);
    await clock.turn(100);
    fail(new Error('late'));
    await expect(result).rejects.toThrow('no answer within 100 ms');
  });
});
