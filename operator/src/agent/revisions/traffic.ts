import type { ReleasePhase, ReleaseStatus } from '@sluice/crds';
import type { RevisionScale, TrafficState } from '../../release/observation.ts';
import { trafficStateOf } from '../../traffic/traffic-state.ts';
import type { TrafficRequest } from '../../traffic/plan-traffic.ts';
import { capacityOf } from '../release-step/capacity.ts';
import type { AgentObservation } from '../observation.ts';
import type { ReleaseLedger } from '../ledger/releases.ts';

/** Phases in which a new revision has pods even where it has no weight. */
const present: readonly (ReleasePhase | undefined)[] = ['Shifting', 'AwaitingApproval', 'Promoting'];

/** What the release that is on its way asks of the traffic; without one, all of it belongs to the revision that serves. */
export function trafficRequest(observation: AgentObservation, ledger: ReleaseLedger): TrafficRequest {
  const { stableRevision: stable, active } = ledger;
  const canary = active?.spec.revision === stable ? undefined : active?.spec.revision;
  const status = canary === undefined ? undefined : active?.status;
  return {
    router: observation.agent.spec.route === undefined ? 'ReplicaRatio' : 'Gateway',
    ...capacityOf(observation, ledger),
    weight: status?.weight ?? 0,
    mirrorPercent: status?.mirrorPercent ?? 0,
    // Without another revision any pod would be given all the requests, also one that waits for approval.
    presence: stable !== undefined && present.includes(phaseOf(status)) ? 'Present' : 'Absent',
    ...(stable === undefined ? {} : { stable: scaleOf(stable, observation) }),
    ...(canary === undefined ? {} : { canary: scaleOf(canary, observation) }),
  };
}

/** How the traffic is divided, read back from what divides it. */
export function trafficOf(observation: AgentObservation, ledger: ReleaseLedger): TrafficState {
  const others = [...observation.standing].filter(([revision]) => revision !== ledger.active?.spec.revision);
  const readyElsewhere = others.reduce((sum, [, { ready }]) => sum + ready, 0);
  return trafficStateOf({ ...trafficRequest(observation, ledger), route: observation.routing, readyElsewhere });
}

/** Of a release that is stopped, the phase in which it will go on: what it has stays as it is. */
function phaseOf(status: ReleaseStatus | undefined): ReleasePhase | undefined {
  return status?.stop?.phase ?? status?.phase;
}

function scaleOf(revision: string, { revisions }: AgentObservation): RevisionScale {
  return revisions.get(revision) ?? { revision, replicas: 0, ready: 0 };
}
