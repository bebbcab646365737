import type { EvalRun, EvalRunStatus, EvalSuite } from '@sluice/crds';
import type { ConfigMap, Job, Pod, PodTemplateSpec } from '@sluice/kube';

/** All that the decision about a run depends on. */
export interface EvalRunObservation {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly evalRun: EvalRun;
  /** The objects of the run's own name, whoever owns them. */
  readonly configMap?: ConfigMap | undefined;
  readonly job?: Job | undefined;
  /** Those that carry the run's label. */
  readonly pods: readonly Pod[];
  readonly suite?: EvalSuite | undefined;
  /** The pods of the run's revision; undefined as long as the revision has no record. */
  readonly template?: PodTemplateSpec | undefined;
}

/** What to do, in this order: create, delete, write the status. Nothing set: nothing to do. */
export interface EvalRunDecision {
  readonly configMap?: ConfigMap;
  readonly job?: Job;
  readonly deleteJob?: Job;
  /** The whole status; to be written only when it differs from the present one. */
  readonly status?: EvalRunStatus;
  /** When to look again though nothing was seen to change. */
  readonly requeueAfterMs?: number;
}

/** One reason to decide; undefined hands on to the next. */
export type EvalRunRule = (observation: EvalRunObservation) => EvalRunDecision | undefined;
