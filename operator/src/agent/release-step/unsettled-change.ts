import type { AgentDeployment, AgentDeploymentStatus } from '@sluice/crds';
import type { ReleaseLedger } from '../ledger/releases.ts';
import type { AgentObservation } from '../observation.ts';

export interface UnsettledChange {
  /** What the agent asks for as long as nothing more of the change comes. */
  readonly revision: string;
  /** Until it counts as whole, milliseconds. */
  readonly requeueAfterMs: number;
}

/**
 * A change of which more may come: a ConfigMap and the agent that refers to it are written one after the other, and a release of the first alone is one of
 * what nobody asked for. Who has no revision that serves is not kept waiting, nor is what people ask of releases by name.
 */
export function unsettledChange({ desired, settlesAt, now }: Pick<AgentObservation, 'desired' | 'settlesAt' | 'now'>, { stableRevision, active }: Pick<ReleaseLedger, 'stableRevision' | 'active'>): UnsettledChange | undefined {
  if (settlesAt === undefined || settlesAt <= now || stableRevision === undefined || desired.kind === 'Unresolved') return undefined;
  const { revision } = desired.record;
  return revision === stableRevision || revision === active?.spec.revision ? undefined : { revision, requeueAfterMs: settlesAt - now };
}

/**
 * What is said of the agent until then. That a generation is not observed says "not yet" by itself and costs no write. A change of another object alone has
 * none: it is told at once, or whoever waits for it would take what was before for its end.
 */
export function toldMeanwhile({ metadata, status }: AgentDeployment, told: AgentDeploymentStatus): AgentDeploymentStatus {
  return status === undefined || status.observedGeneration === metadata.generation ? told : status;
}
