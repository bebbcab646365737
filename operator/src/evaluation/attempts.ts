import type { EvalRun } from '@sluice/crds';
import type { Job } from '@sluice/kube';

/** On a Job: which of the run's pods, from 1, it makes. */
export const attemptAnnotation = 'sluice.dev/attempt';

export function attemptOf({ status }: Pick<EvalRun, 'status'>): number {
  return status?.attempt ?? 1;
}

export function attemptOfJob({ metadata }: Job): number {
  return Number(metadata.annotations?.[attemptAnnotation] ?? 1);
}

/** Pods of a run that the cluster may take away. */
export const maximumDisruptions = 10;
/** Pods of a run that may die by themselves, each after it has brought results. */
export const maximumDeaths = 4;
