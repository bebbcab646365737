/** CLOCK_MONOTONIC in nanoseconds, which all processes of the machine share, minus `performance.now()` in nanoseconds. */
export function monotonicOffset(): number {
  let offset = 0;
  let narrowest = Number.POSITIVE_INFINITY;
  // The process may lose the processor between two readings: the pair that lies closest together is the truest.
  for (let attempt = 0; attempt < OFFSET_ATTEMPTS; attempt += 1) {
    const before = performance.now();
    const shared = Number(process.hrtime.bigint());
    const after = performance.now();
    if (after - before >= narrowest) continue;
    narrowest = after - before;
    offset = shared - ((before + after) / 2) * 1e6;
  }
  return offset;
}

const OFFSET_ATTEMPTS = 100;

/** Milliseconds that only ever grow. */
export function monotonicMs(): number {
  return performance.now();
}
