import { increment, isOlder, restarted, type FirstSight, type RequestCounters } from './counters.ts';
import { advanceEvents, type Acquaintance, type EventMemory } from './event-increments.ts';
import type { EvidenceProblem } from './evidence-source.ts';
import { outcomes, type PodCounters } from './pod-counters.ts';
import { emptySample, type Sample } from './sample.ts';
import type { AskedAnew } from './selectors.ts';

/** What is remembered of one pod between two looks. */
export interface PodMemory {
  /** Undefined until the first good read. */
  readonly counters: RequestCounters | undefined;
  readonly events: EventMemory;
  /** Costs are asked for only since the last read: how much it had counted of them then is not known. */
  readonly costs?: 'Unknown';
  /** Milliseconds: of the last good read, or of the first try while there was none. */
  readonly freshAt: number;
  /** What could not be counted when it was read last: it is missing until it can, also while the pod cannot be read at all. */
  readonly problems: readonly EvidenceProblem[];
}

export interface PodStep {
  readonly sample: Sample;
  readonly memory: PodMemory;
  readonly problems: readonly EvidenceProblem[];
}

/** What a pod has counted since it was last read, and what to remember of it. `at`: milliseconds, when it was read. */
export function advancePod(before: PodMemory | undefined, { events: readings = [], lacking = [], failedTools: _told, ...counters }: PodCounters, { firstSight, at }: { readonly firstSight: FirstSight; readonly at: number }): PodStep {
  const known = withCostsOf(before, counters);
  // As though it had not been read: what has happened since comes with a reading that is younger.
  if (before !== undefined && known !== undefined && isOlder(known, counters)) return { sample: emptySample, memory: before, problems: before.problems };
  const { increments, memory, problems } = advanceEvents(before?.events ?? new Map(), readings, acquaintanceWith(known, counters, firstSight));
  const sample = increment(known, counters, firstSight);
  const missing = [...problems, ...lacking];
  return { sample: increments.length === 0 ? sample : { ...sample, counts: [...increments] }, memory: { counters: withHistograms(counters, known), events: memory, freshAt: at, problems: missing }, problems: missing };
}

/** What is asked for only now begins with this reading. */
function withCostsOf(before: PodMemory | undefined, { costBuckets, costDollars }: RequestCounters): RequestCounters | undefined {
  return before?.counters === undefined || before.costs === undefined || costBuckets === undefined ? before?.counters : { ...before.counters, costBuckets, costDollars };
}

/**
 * The memory where something else is counted from now on, as after an edit of the plan: what the process has counted of it before is of another time, and of what
 * it was asked for before under the same name nothing is left.
 */
export function askedAnew(memory: PodMemory, { events, costs }: AskedAnew): PodMemory {
  return { ...memory, events: new Map([...memory.events].filter(([name]) => !events.has(name))), ...(costs === 'Anew' ? { costs: 'Unknown' as const } : {}) };
}

/** A histogram that is absent for a while goes on from where it was: it did not begin again at 0. */
function withHistograms(now: RequestCounters, known: RequestCounters | undefined): RequestCounters {
  if (known === undefined || restarted(known, now)) return now;
  return { ...now, buckets: now.buckets.length === 0 ? known.buckets : now.buckets, ...(now.costBuckets === undefined ? { costBuckets: known.costBuckets, costDollars: known.costDollars } : {}) };
}

function acquaintanceWith(known: RequestCounters | undefined, now: RequestCounters, firstSight: FirstSight): Acquaintance {
  if (known === undefined) return firstSight === 'from-zero' ? 'NewFromZero' : 'NewWithPast';
  return restarted(known, now) ? 'Restarted' : 'Followed';
}

/** Numbers that are kept of a pod. */
export function sizeOf({ counters, events }: PodMemory): number {
  const ofRequests = counters === undefined ? 0 : outcomes.length + 2 * counters.buckets.length + 2 * (counters.costBuckets?.length ?? 0) + 3;
  return ofRequests + 2 * events.size + 1;
}
