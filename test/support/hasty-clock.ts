import { systemClock, type Clock } from '../../device/clock.ts';

/** A clock on which pauses pass so many times faster, for parts that wait long out of courtesy. */
export const hastyClock = (times: number): Clock => ({
  now: () => systemClock.now(),
  monotonic: () => systemClock.monotonic() * times,
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / times, signal),
});
