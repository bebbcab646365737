import type { AgentDeployment, AgentDeploymentStatus } from '@sluice/crds';

/** A release that is due and does not begin yet. */
export interface PostponedRelease {
  /** What it is to bring out. */
  readonly revision: string;
  /** Whether people are told what it waits for. */
  readonly isToBeTold: boolean;
  /** When to look again, milliseconds. */
  readonly requeueAfterMs: number;
}

/**
 * What is said of the agent until then. That a generation is not observed says "not yet" by itself and costs no write. A change of another object alone has
 * none: it is told at once, or whoever waits for it would take what was before for its end.
 */
export function toldMeanwhile({ metadata, status }: AgentDeployment, told: AgentDeploymentStatus, postponed: PostponedRelease | undefined): AgentDeploymentStatus {
  if (postponed === undefined || postponed.isToBeTold) return told;
  return status === undefined || status.observedGeneration === metadata.generation ? told : status;
}
