import type { AgentDeployment, Release } from '@sluice/crds';
import { readLedger } from '@sluice/operator/src/agent/ledger/releases.ts';
import type { AgentView } from '../agent-view.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';

export interface Outcome {
  readonly exitCode: ExitCode;
  /** Whether nothing more will come of the spec as it is. */
  readonly release: 'Ended' | 'Underway';
}

/**
 * What a script is told. A status that speaks of an earlier spec is Progressing whatever its phase: the operator has not seen the
 * new one yet, or has seen it and not begun its release.
 */
export function outcomeOf({ agent, releases }: AgentView): Outcome {
  if (agent === undefined) return { exitCode: exitCode.bad, release: 'Ended' };
  const { active } = readLedger(releases);
  const release = active === undefined && isSeen(agent) ? 'Ended' : 'Underway';
  const phase = agent.status?.phase;
  if (isSeen(agent) && phase === 'Degraded') return { exitCode: exitCode.bad, release };
  if (release === 'Ended' && phase === 'Healthy' && servesItsSpec(agent)) return { exitCode: exitCode.ok, release };
  return { exitCode: isSeen(agent) ? underway(agent, active) : exitCode.progressing, release: 'Underway' };
}

/** What is on its way may wait for a person. */
function underway({ spec, status }: AgentDeployment, active: Release | undefined): ExitCode {
  if (spec.suspend === true || status?.phase === 'Suspended') return exitCode.paused;
  if (active?.status?.phase === 'AwaitingApproval') return exitCode.awaitingApproval;
  return active?.status?.phase === 'Paused' ? exitCode.paused : exitCode.progressing;
}

/** Whether the status was computed from the spec as it is now. */
export function isSeen({ metadata, status }: AgentDeployment): boolean {
  return status !== undefined && (metadata.generation === undefined || status.observedGeneration === metadata.generation);
}

/** A revision is known one write before its release exists; until then the phase is that of the revision before. */
function servesItsSpec({ status }: AgentDeployment): boolean {
  return status?.revision === undefined || status.revision === status.stable?.revision;
}
