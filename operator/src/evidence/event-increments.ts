import type { EventCount, EvidenceProblem } from '@sluice/crds';
import type { EventReading, EventTotals } from './events.ts';

/** Where the increments of one process begin, by objective. `Unknown`: it counted before, and how much could not be read. */
export type EventMemory = ReadonlyMap<string, EventTotals | 'Unknown'>;

/** How the process was known before this scrape. What is asked for only now had counted before, of one that was followed too. */
export type Acquaintance = 'NewFromZero' | 'NewWithPast' | 'Followed' | 'Restarted';

export interface EventStep {
  readonly increments: readonly EventCount[];
  readonly memory: EventMemory;
  readonly problems: readonly (EvidenceProblem & { readonly objective: string })[];
}

const none: EventTotals = { bad: 0, total: 0 };

/**
 * What happened since the last scrape of one process, by objective. What cannot be read keeps its place in the memory, so that it comes
 * with the next good scrape. Increments are never negative, and never have more bad events than events.
 */
export function advanceEvents(before: EventMemory, readings: readonly EventReading[], acquaintance: Acquaintance): EventStep {
  const increments: EventCount[] = [];
  const problems: EventStep['problems'][number][] = [];
  const memory = new Map<string, EventTotals | 'Unknown'>();
  for (const reading of readings) {
    const { name } = reading;
    // What another server counts need not have begun anew with the process.
    const met = acquaintance === 'Restarted' && reading.origin === 'Query' ? 'Followed' : acquaintance;
    const known = met === 'Restarted' ? undefined : before.get(name);
    if (reading.state !== 'Counted') {
      problems.push({ objective: name, reason: reading.reason, ...(reading.field === undefined ? {} : { field: reading.field }) });
      memory.set(name, known ?? (reading.state === 'Damaged' ? 'Unknown' : beginsAtZero(met) ? none : (reading.seen ?? none)));
      continue;
    }
    if (isOlder(known, reading)) {
      memory.set(name, known);
      continue;
    }
    const base = baseOf(known, reading, met);
    const [bad, total] = [reading.bad - base.bad, reading.total - base.total];
    if (bad > total) {
      problems.push({ objective: name, reason: `${bad} bad events of only ${total}: each bad event must be counted in total too` });
      memory.set(name, base);
      continue;
    }
    increments.push({ name, bad, total });
    memory.set(name, { bad: reading.bad, total: reading.total });
  }
  return { increments, memory, problems };
}

/** Counts that have fallen by less are those of before, which another server told: a counter that begins again is far below what it was. */
const leastReset = 0.5;

function isOlder(known: EventTotals | 'Unknown' | undefined, now: EventTotals): known is EventTotals {
  if (known === undefined || known === 'Unknown') return false;
  const hasNotRisen = now.bad <= known.bad && now.total <= known.total;
  return hasNotRisen && (now.bad < known.bad || now.total < known.total) && now.total >= leastReset * known.total;
}

function baseOf(known: EventTotals | 'Unknown' | undefined, now: EventTotals, acquaintance: Acquaintance): EventTotals {
  if (known === 'Unknown') return now;
  if (known === undefined) return beginsAtZero(acquaintance) ? none : now;
  const reset = now.bad < known.bad || now.total < known.total;
  return reset ? none : known;
}

/** Whether all that the process has counted falls into the window. */
function beginsAtZero(acquaintance: Acquaintance): boolean {
  return acquaintance === 'NewFromZero' || acquaintance === 'Restarted';
}
