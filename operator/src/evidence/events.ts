import type { Exposition } from './exposition.ts';
import type { EventCounter, SeriesSelector } from './selectors.ts';

/** Cumulative counts of one process. */
export interface EventTotals {
  readonly bad: number;
  readonly total: number;
}

/**
 * What one scrape says of one objective. `Absent`: the process has not counted it yet, if it ever will. `Damaged`: there is something
 * that is no count. Neither is ever 0.
 */
export type EventReading = { readonly name: string; /** Default `Page`: it is of the same process and scrape as the other counters. */ readonly origin?: 'Page' | 'Query' } & (({ readonly state: 'Counted' } & EventTotals) | { readonly state: 'Absent' | 'Damaged'; readonly reason: string });

type Sum = { readonly state: 'Counted'; readonly value: number } | { readonly state: 'Absent' | 'Damaged'; readonly reason: string };

type Page = Pick<Exposition, 'samples' | 'counters'>;

/** The objective's counts from the samples of one page. */
export function readEvents(page: Page, { name, bad, total }: EventCounter): EventReading {
  const [badSum, totalSum] = [sumOf(page, bad), sumOf(page, total)];
  if (badSum.state !== 'Counted') return { name, ...badSum };
  if (totalSum.state !== 'Counted') return { name, ...totalSum };
  return { name, state: 'Counted', bad: badSum.value, total: totalSum.value };
}

function sumOf(page: Page, [first, ...others]: EventCounter['bad']): Sum {
  let sum = sumOfSeries(page, first);
  for (const other of others) {
    if (sum.state !== 'Counted') return sum;
    const next = sumOfSeries(page, other);
    if (next.state === 'Damaged') return next;
    if (next.state === 'Counted') sum = { state: 'Counted', value: sum.value + next.value };
  }
  return sum;
}

/**
 * A counter with labels has no series before its first event, so no series of the values that are asked for is 0, provided that the
 * metric is announced as a counter, or has others and they have these labels: a name that is written wrongly must not look like "nothing bad".
 */
function sumOfSeries({ samples, counters }: Page, { metric, labels }: SeriesSelector): Sum {
  const family = samples.filter(({ name }) => name === metric);
  if (family.length === 0 && counters.has(metric)) return { state: 'Counted', value: 0 };
  if (family.length === 0) return { state: 'Absent', reason: `there is no metric ${metric}` };
  const unknown = labels.find(({ name }) => !family.some((sample) => sample.labels.has(name)));
  if (unknown !== undefined) return { state: 'Absent', reason: `no series of ${metric} has the label ${unknown.name}` };
  let value = 0;
  for (const sample of family) {
    if (!labels.every(({ name, values }) => values.includes(sample.labels.get(name) ?? ''))) continue;
    const problem = countProblem(sample.value);
    if (problem !== undefined) return { state: 'Damaged', reason: `${metric} ${problem}` };
    value += sample.value;
  }
  return { state: 'Counted', value };
}

/** Why a number is no count; undefined when it is one. */
export function countProblem(value: number): string | undefined {
  if (Number.isSafeInteger(value) && value >= 0) return undefined;
  const hint = Number.isFinite(value) && value >= 0 ? ': a counter of events is a whole number, without rate() and increase()' : '';
  return `is ${value}, which is no count${hint}`;
}
