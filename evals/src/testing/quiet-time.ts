import { type CheckTime, createCheckTime } from '../graders/check-time.ts';
import { createFakeClock } from './fake-clock.ts';

/** The time of one answer, of which only a check that is ended in the middle takes any. */
export function quietTime(milliseconds?: number): CheckTime {
  return createCheckTime(createFakeClock(), milliseconds);
}
