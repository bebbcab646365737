import type { Clock } from '../../platform/clock.ts';
import type { RecordMetric } from '../gen-ai-metrics.ts';
import type { Tracing } from './tracing.ts';

/** What calls are told to. */
export interface Instruments {
  readonly tracing: Tracing;
  readonly record: RecordMetric;
  readonly clock: Clock;
}

const secondMilliseconds = 1_000;

/** Seconds since `started`, which is of the same clock. */
export function secondsSince(clock: Clock, started: number): number {
  return (clock.now() - started) / secondMilliseconds;
}
