import { isDeepStrictEqual } from 'node:util';
import type { EvalRun } from '@sluice/crds';
import type { Predicate } from '@sluice/kube';

/**
 * Which changes of a run are worth a look at it, and at its agent. How far it is, and what is kept of it, is written with each result: the run itself is looked at
 * when its pod has more, and the agent every few seconds while its release waits.
 */
export const evalRunMatters: Predicate<EvalRun> = (event) => event.type !== 'updated' || !isDeepStrictEqual(seen(event.previous), seen(event.object));

function seen({ metadata: { labels, deletionTimestamp, ownerReferences }, spec, status = {} }: EvalRun): readonly unknown[] {
  // The conditions follow from the rest, and have the sentence in them.
  const { progress: _far, results, message, conditions: _same, ...rest } = status;
  return [labels, deletionTimestamp, ownerReferences, spec, rest, ...(status.phase === 'Running' ? [results?.complete] : [results, message])];
}
