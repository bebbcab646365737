import { isRuntimeName, nearestCounter, nearestName, runtimeCounters } from '@sluice/crds';
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
export type EventReading = { readonly name: string; /** Default `Page`: it is of the same process and scrape as the other counters. */ readonly origin?: 'Page' | 'Query' } & (({ readonly state: 'Counted' } & EventTotals) | Unread);

/**
 * `field` is what to correct where somebody has written it, within the objective: "counter.bad.metric". `seen`: what has been counted all the same, where one of bad
 * and total is absent and has counted nothing by now.
 */
type Unread = { readonly state: 'Absent' | 'Damaged'; readonly reason: string; readonly field?: string; readonly seen?: EventTotals };

type Sum = { readonly state: 'Counted'; readonly value: number } | Unread;

type Page = Pick<Exposition, 'samples' | 'counters'>;

/** The objective's counts from the samples of one page. */
export function readEvents(page: Page, { name, bad, total }: EventCounter): EventReading {
  const [badSum, totalSum] = [sumOf(page, bad), sumOf(page, total)];
  if (badSum.state === 'Absent' && totalSum.state === 'Damaged') return { name, ...totalSum };
  if (badSum.state !== 'Counted') return { name, ...badSum, ...(totalSum.state === 'Counted' ? { seen: { bad: 0, total: totalSum.value } } : {}) };
  if (totalSum.state !== 'Counted') return { name, ...totalSum, seen: { bad: badSum.value, total: 0 } };
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
function sumOfSeries({ samples, counters }: Page, { metric, labels, field }: SeriesSelector): Sum {
  const family = samples.filter(({ name }) => name === metric);
  if (family.length === 0 && counters.has(metric)) return { state: 'Counted', value: 0 };
  if (family.length === 0) return absent(`there is no metric ${metric}`, field === undefined ? undefined : { field: `${field}.metric`, nearest: nearestMetric(metric, counters) });
  const unknown = labels.findIndex(({ name }) => !family.some((sample) => sample.labels.has(name)));
  const label = labels[unknown]?.name;
  if (label !== undefined) return absent(`no series of ${metric} has the label ${label}`, field === undefined ? undefined : { field: `${field}.labels[${unknown}].name`, nearest: nearestName(label, labelsOf(family)) });
  let value = 0;
  for (const sample of family) {
    if (!labels.every(({ name, values }) => values.includes(sample.labels.get(name) ?? ''))) continue;
    const problem = countProblem(sample.value);
    if (problem !== undefined) return { state: 'Damaged', reason: `${metric} ${problem}` };
    value += sample.value;
  }
  return { state: 'Counted', value };
}

/** Of a name that somebody has written it is said where, and which one was probably meant. */
function absent(reason: string, written: { readonly field: string; readonly nearest: string | undefined } | undefined): Unread {
  if (written === undefined) return { state: 'Absent', reason };
  return { state: 'Absent', reason: written.nearest === undefined ? reason : `${reason} (did you mean "${written.nearest}"?)`, field: written.field };
}

/** Names that are compared, of a page that may have any number. */
const mostCompared = 1_000;

/** A server that is asked for series tells of no other counters; those of our runtime are known. */
function nearestMetric(metric: string, counters: ReadonlySet<string>): string | undefined {
  // Written as it is known, it is only not there: an older runtime counts less.
  if (runtimeCounters[metric] !== undefined) return undefined;
  const ours = isRuntimeName(metric) ? Object.keys(runtimeCounters) : [];
  return nearestCounter(metric, [...new Set([...ours, ...counters])].slice(0, mostCompared));
}

function labelsOf(family: Page['samples']): string[] {
  return [...new Set(family.slice(0, mostCompared).flatMap(({ labels }) => [...labels.keys()]))];
}

/** Why a number is no count; undefined when it is one. */
export function countProblem(value: number): string | undefined {
  if (Number.isSafeInteger(value) && value >= 0) return undefined;
  const hint = Number.isFinite(value) && value >= 0 ? ': a counter of events is a whole number, without rate() and increase()' : '';
  return `is ${value}, which is no count${hint}`;
}
