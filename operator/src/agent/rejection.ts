import type { Release } from '@sluice/crds';
import { suiteDigest } from '../evaluation/index.ts';
import { canonicalJson } from '../revision/index.ts';
import type { AgentObservation } from './observation.ts';
import { rejectionOf } from './releases.ts';
import type { ReleaseLedger } from './releases.ts';

type Asked = Pick<AgentObservation, 'agent' | 'desired' | 'suites' | 'runs'>;

/**
 * The failed release because of which the wanted revision is not tried (again) by itself. It stands as long as the same is asked: the
 * same revision under the same rollout and, where an evaluation stopped it, by the same cases. Changed cases do not bring back a revision
 * that failed on live traffic.
 */
export function standingRejection(asked: Asked, ledger: ReleaseLedger): Release | undefined {
  if (asked.desired.kind === 'Unresolved') return undefined;
  const rejection = rejectionOf(asked.desired.record.revision, ledger);
  if (rejection === undefined || rolloutChanged(rejection, asked) || casesChanged(rejection, asked)) return undefined;
  return rejection;
}

/** Whether the spec asks for another rollout than the one that the release began with. */
export function rolloutChanged({ spec }: Release, { agent }: Pick<Asked, 'agent'>): boolean {
  return canonicalJson(spec.rollout ?? {}) !== canonicalJson(agent.spec.rollout ?? {});
}

function casesChanged({ status }: Release, { suites, runs }: Asked): boolean {
  if (status?.reason !== 'EvaluationFailed' && status?.reason !== 'EvaluationNotMeasured') return false;
  return (status.evaluations ?? []).some(({ suite, evalRun }) => {
    const then = runs.get(evalRun)?.spec.suite.digest;
    const now = suites.get(suite);
    return then !== undefined && now !== undefined && suiteDigest(now.spec) !== then;
  });
}
