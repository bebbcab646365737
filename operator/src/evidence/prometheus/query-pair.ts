import type { VectorSample } from './answer.ts';

/** The two queries of an objective, as somebody has written them. */
export interface QueryPair {
  readonly bad: string;
  readonly total: string;
}

const partLabel = 'sluice_part';

/**
 * Both queries as one. Asked one after the other they may see different scrapes, and counts that begin apart stay apart: a revision of which every event is
 * bad would for ever have more bad events than events. One query is evaluated on one state of the data. A comment at the end of a query must not swallow what follows.
 */
export function asOneQuery({ bad, total }: QueryPair): string {
  return `${labelled(bad, 'bad')} or ${labelled(total, 'total')}`;
}

export function partOf(samples: readonly VectorSample[], part: keyof QueryPair): readonly VectorSample[] {
  return samples.filter(({ labels }) => labels.get(partLabel) === part);
}

function labelled(promql: string, part: keyof QueryPair): string {
  return `label_replace((${promql}\n), "${partLabel}", "${part}", "", "")`;
}
