// Time limits alone, for the runtime's own calls.
export { abortable, type Deadline, sleep, withDeadline } from './deadline.ts';
export type { Clock } from '../runner/clock.ts';
