import { type Rule, successRate } from './rule.ts';

export interface ArgoAnalysis {
  /** Least success rate, 0 to 1: successCondition result[0] >= threshold. */
  readonly threshold: number;
  /** Failed measurements that are tolerated; one more fails the analysis, consecutive or not. */
  readonly failureLimit: number;
  /** Minutes between measurements, and minutes that the query looks back. */
  readonly interval: number;
  readonly window: number;
}

/**
 * Argo Rollouts' analysis of a canary by a Prometheus query, after its documentation (features/analysis: failureLimit, interval, count,
 * successCondition): measured every interval; Failed as soon as more than failureLimit measurements failed; a result that is not a
 * number does not meet the condition; Successful when all have been taken.
 */
export function argoRollouts(id: string, name: string, { threshold, failureLimit, interval, window }: ArgoAnalysis): Rule {
  return {
    id,
    name,
    decide: (minutes) => {
      let failed = 0;
      for (let at = interval; at <= minutes.length; at += interval) {
        failed += successRate(minutes, at, window) >= threshold ? 0 : 1;
        if (failed > failureLimit) return { verdict: 'Rollback', minutes: at };
      }
      return { verdict: 'Promote', minutes: minutes.length };
    },
  };
}
