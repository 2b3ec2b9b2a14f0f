export { dateAt, ioClock, sleepAware, systemClock, type Clock } from './clock.js';
export { afterDeadline, withDeadline } from './deadline.js';
export { inOwnContext } from './own-context.js';
export { systemRandom, type Random } from './random.js';
export { pauseFor, settleWithin } from './wait.js';
