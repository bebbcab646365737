import type { Release, ReleasePhase, ReleaseStatus } from '@sluice/crds';
import { lookAgainMs, type Standing, toldAfterMs } from '../../pacing/release-turns.ts';
import { isTerminal } from '../../release/decision.ts';
import type { ReleaseLedger } from '../ledger/releases.ts';
import type { AgentObservation } from '../observation.ts';
import type { PostponedRelease } from './postponed-release.ts';

/** What a release that has had no share does with its place; where a rollout has no steps its first pods come in Promoting. What stands, or asks a person, keeps nobody waiting. */
const standings: Readonly<Partial<Record<ReleasePhase, Standing>>> = { Preparing: 'Starting', Evaluating: 'Starting', Shifting: 'AwaitingPods', Promoting: 'AwaitingPods', Promoted: 'Started' };

/**
 * Whether a release has to wait until others have their first pods. Only what came about by itself, by a change of a spec or of what it refers
 * to, does: not the first release of an agent, which nobody is served without, not what a person asked for by name, not the way back to
 * a revision that has served before, and not one of a group of which another is on its way: what begins after that has failed would not go back with it.
 */
export function startsInTurn({ agent, neighbours }: Pick<AgentObservation, 'agent' | 'neighbours'>, { spec: { revision, cause, stableRevision } }: Pick<Release, 'spec'>, { all }: Pick<ReleaseLedger, 'all'>): boolean {
  if (cause !== 'SpecChanged' || stableRevision === undefined || isGroupOnItsWay(agent, neighbours)) return false;
  return !all.some(({ spec, status }) => spec.revision === revision && status?.phase === 'Promoted');
}

function isGroupOnItsWay({ spec }: AgentObservation['agent'], neighbours: AgentObservation['neighbours']): boolean {
  const group = spec.rollout?.group;
  if (group === undefined) return false;
  return [...neighbours.values()].some(({ agent, releases }) => agent.spec.rollout?.group === group && releases.some(({ status }) => !isTerminal(status?.phase) && status?.phase !== 'RollingBack'));
}

/** A release that starts in turn, where it has to wait for it. A short wait is told like a change that settles. */
export function awaitedTurn({ turns, now }: Pick<AgentObservation, 'turns' | 'now'>, { spec: { revision } }: Pick<Release, 'spec'>): PostponedRelease | undefined {
  if (turns === undefined) return undefined;
  const untilTold = turns.since + toldAfterMs - now;
  return { revision, isToBeTold: untilTold <= 0, requeueAfterMs: untilTold <= 0 ? lookAgainMs : untilTold };
}

/** What becomes of the turn of an agent with a release: it has its place until a share of it is real, which is when its first pods are ready. */
export function standingOf(release: Pick<Release, 'spec'> | undefined, status: ReleaseStatus = {}): Standing {
  if (release?.spec.stableRevision === undefined) return undefined;
  const { phase = 'Preparing', stepStartedAt, crashes } = status;
  // The weight is that of the step from its beginning on, pods or none; crashes are counted from the first real share on.
  const hasHadShare = stepStartedAt !== undefined || crashes !== undefined;
  return hasHadShare ? 'Started' : standings[phase];
}
