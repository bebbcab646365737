import type { AgentDeployment, AgentDeploymentStatus, Release, ReleaseStatus } from '@sluice/crds';
import { lookAgainMs, type Standing } from '../../pacing/release-turns.ts';
import type { ReleaseLedger } from '../ledger/releases.ts';
import type { AgentObservation } from '../observation.ts';
import { toldMeanwhile } from './unsettled-change.ts';

/** Who waits for less is not told, milliseconds: it would be a write more for each agent of a fleet. */
const toldAfterMs = 20_000;

/** A release that has to wait for its turn. */
export interface AwaitedTurn {
  /** What it is to bring out. */
  readonly revision: string;
  readonly isToBeTold: boolean;
  readonly requeueAfterMs: number;
}

/**
 * Whether the release that is due waits until others have their first pods. Only what came about by itself, by a change of a spec or of what it refers
 * to, does: not the first release of an agent, which nobody is served without, not what a person asked for by name, and not the way back to
 * a revision that has served before.
 */
export function awaitedTurn({ turns, now }: Pick<AgentObservation, 'turns' | 'now'>, { spec: { revision, cause, stableRevision } }: Pick<Release, 'spec'>, { all }: Pick<ReleaseLedger, 'all'>): AwaitedTurn | undefined {
  if (turns === undefined || cause !== 'SpecChanged' || stableRevision === undefined) return undefined;
  if (all.some(({ spec, status }) => spec.revision === revision && status?.phase === 'Promoted')) return undefined;
  const untilTold = turns.since + toldAfterMs - now;
  return { revision, isToBeTold: untilTold <= 0, requeueAfterMs: untilTold <= 0 ? lookAgainMs : untilTold };
}

/** A short wait is told like a change that settles: by a generation that is not observed yet. */
export function toldWaiting(agent: AgentDeployment, told: AgentDeploymentStatus, awaited: AwaitedTurn | undefined): AgentDeploymentStatus {
  return awaited === undefined || awaited.isToBeTold ? told : toldMeanwhile(agent, told);
}

/** Whether this look leaves the agent with a release that has still to bring up its first pods. What stands, or asks a person, keeps nobody waiting. */
export function standingOf(awaited: AwaitedTurn | undefined, release: Pick<Release, 'spec'> | undefined, status: ReleaseStatus | undefined): Standing {
  if (awaited !== undefined) return 'Waiting';
  if (release?.spec.stableRevision === undefined) return undefined;
  const { phase = 'Preparing', step = 0, weight = 0, mirrorPercent = 0 } = status ?? {};
  const isFirstStep = phase === 'Shifting' && step === 0 && weight === 0 && mirrorPercent === 0;
  return isFirstStep || phase === 'Preparing' || phase === 'Evaluating' ? 'Starting' : undefined;
}
