/** CLOCK_MONOTONIC in nanoseconds, which all processes of the machine share, minus `performance.now()` in nanoseconds. */
export function monotonicOffset(): number {
  return Number(process.hrtime.bigint()) - performance.now() * 1e6;
}

/** Milliseconds that only ever grow. */
export function monotonicMs(): number {
  return performance.now();
}
