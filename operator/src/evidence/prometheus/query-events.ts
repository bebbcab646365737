import { countProblem, type EventReading } from '../events.ts';
import type { PodTarget } from '../evidence-source.ts';
import type { VectorSample } from './answer.ts';

/** What a query returned, or why it returned nothing. */
export type QueryResult = { readonly samples: readonly VectorSample[] } | { readonly problem: string };

interface Part {
  readonly which: 'bad' | 'total';
  readonly result: QueryResult;
}

/**
 * The pod's counts by the two queries of an objective. A pod without a series is missing and never 0: whether there was nothing to count,
 * or the query is written wrongly, cannot be told apart.
 */
export function eventsOf(target: PodTarget, name: string, results: { readonly bad: QueryResult; readonly total: QueryResult }): EventReading {
  const parts: readonly Part[] = [{ which: 'bad', result: results.bad }, { which: 'total', result: results.total }];
  const [bad, total] = parts.map((part) => valueOf(target, part));
  const field = typeof bad === 'string' ? 'query.bad' : 'query.total';
  if (typeof bad === 'number' && typeof total === 'number') return { name, origin: 'Query', state: 'Counted', bad, total };
  return { name, origin: 'Query', state: 'Damaged', reason: [bad, total].find((value) => typeof value === 'string') ?? 'the query has no result', field };
}

function valueOf(target: PodTarget, { which, result }: Part): number | string {
  if ('problem' in result) return `query.${which}: ${result.problem}`;
  const { samples } = result;
  if (samples.length === 0) return `query.${which} returns nothing: check the names in it`;
  if (!samples.some(({ labels }) => labels.has('pod'))) return `query.${which} returns no series with the label pod: write sum by (pod) (...)`;
  const mine = samples.filter(({ labels }) => labels.get('pod') === target.name && [undefined, target.namespace].includes(labels.get('namespace')));
  const [first] = mine;
  if (first === undefined) return `query.${which} returns no series for a pod: let it return 0 where there is nothing, for example sum by (pod) (bad_total) or 0 * sum by (pod) (all_total)`;
  if (mine.length > 1) return `query.${which} returns ${mine.length} series for a pod: write sum by (pod) (...)`;
  const problem = countProblem(first.value);
  return problem === undefined ? first.value : `query.${which} ${problem}`;
}
