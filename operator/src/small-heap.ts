import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/** Heaps that may not become larger than this are for few agents, bytes. */
const smallHeap = 768 * 1_048_576;

/**
 * What V8 shall not take memory for. `--optimize-for-size`: garbage is collected before the heap grows, at the cost of a tenth of the processor
 * time. The others: no optimizing compilers. Their text and what they compile with are some 8 MiB at the peak, and few agents do not keep them
 * busy for long enough to win back the time (docs/decisions/0021-operator-in-one-file.md).
 */
const frugal = ['--optimize-for-size', '--no-turbofan', '--no-maglev', '--no-wasm-tier-up'];

/**
 * Keeps the process of a small heap small. Not by flags of the command line: there the first also takes the young generation down to one
 * mebibyte, whatever else is asked for, and a third of all time goes into collecting that; and a large heap is there for a fleet that needs the time.
 */
export function liveFrugally(): void {
  if (getHeapStatistics().heap_size_limit > smallHeap) return;
  for (const flag of frugal) setFlagsFromString(flag);
}
