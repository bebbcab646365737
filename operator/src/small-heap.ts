import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/** Heaps that may not become larger than this are for few agents, bytes. */
const smallHeap = 768 * 1_048_576;

/**
 * What V8 shall not take memory for. `--optimize-for-size`: garbage is collected before the heap grows, at the cost of a tenth of the processor
 * time. The others: no TurboFan, whose text and working memory are some 8 MiB at the peak. Maglev stays: without it the same work takes half as long
 * again (docs/decisions/0021-operator-in-one-file.md).
 */
const frugal = ['--optimize-for-size', '--no-turbofan', '--no-wasm-tier-up'];

/**
 * Keeps the process of a small heap small. Not by flags of the command line: there the first also takes the young generation down to one
 * mebibyte, whatever else is asked for, and a third of all time goes into collecting that; and a large heap is there for a fleet that needs the time.
 */
export function liveFrugally(): void {
  if (getHeapStatistics().heap_size_limit > smallHeap) return;
  for (const flag of frugal) setFlagsFromString(flag);
}
