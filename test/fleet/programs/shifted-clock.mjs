let offsetMs = 0;

/** Sets the wall clock of this process ahead, or behind if negative; the monotonic clock stays. */
export function shiftClock(ms) {
  offsetMs = ms;
}

const now = () => RealDate.now() + offsetMs;

const RealDate = Date;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, property, receiver) => (property === 'now' ? now : Reflect.get(target, property, receiver)),
});
