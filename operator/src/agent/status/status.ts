import type { AgentDeploymentStatus, HistoryEntry, Release, RevisionStatus } from '@sluice/crds';
import { agentLabel } from '../../children/labels.ts';
import { planOf } from '../../release/plan.ts';
import { trafficStatusOf } from '../../traffic/traffic-state.ts';
import { conditionsOf } from './conditions.ts';
import { assess } from './health.ts';
import { oldPods } from './old-pods.ts';
import { forecastOfNext } from '../forecast/next-release.ts';
import type { AgentObservation } from '../observation.ts';
import { standingRejection } from '../ledger/rejection.ts';
import { isUndone, type ReleaseLedger } from '../ledger/releases.ts';
import { trafficOf } from '../revisions/traffic.ts';

const maxHistory = 10;

/** What people and Argo CD read. Derived anew from what exists each time; nothing is decided from it. */
export function statusOf(observation: AgentObservation, ledger: ReleaseLedger): AgentDeploymentStatus {
  const { agent, desired } = observation;
  const health = assess(observation, ledger);
  const revisions = revisionStatuses(observation, ledger);
  const namespace = agent.metadata.namespace ?? '';
  const forecast = forecastOfNext(observation);
  return {
    ...(agent.metadata.generation === undefined ? {} : { observedGeneration: agent.metadata.generation }),
    phase: health.phase,
    message: health.message,
    ...(desired.kind === 'Rendered' ? { revision: desired.record.revision } : {}),
    url: `http://${agent.metadata.name}.${namespace}.svc`,
    ...revisions,
    traffic: trafficStatusOf(trafficOf(observation, ledger), ledger.active?.status?.evidence),
    ...releaseSummary(ledger.latest),
    ...(forecast === undefined ? {} : { forecast }),
    ...rejectedBy(standingRejection(observation, ledger)),
    replicas: [...observation.revisions.values()].reduce((sum, state) => sum + state.replicas, 0),
    selector: `${agentLabel}=${agent.metadata.name}`,
    conditions: conditionsOf(observation, ledger, health),
    history: historyOf(ledger),
  };
}

function revisionStatuses(observation: AgentObservation, ledger: ReleaseLedger): Pick<AgentDeploymentStatus, 'stable' | 'canary'> {
  const none = { replicas: 0, ready: 0 };
  const stableName = ledger.stableRevision;
  const canaryName = ledger.active?.spec.revision;
  const stable = (stableName === undefined ? undefined : observation.revisions.get(stableName)) ?? none;
  const canary = (canaryName === undefined ? undefined : observation.revisions.get(canaryName)) ?? none;
  const weight = canaryName === undefined ? 0 : (ledger.active?.status?.weight ?? 0);
  const actual = actualWeights(observation, ledger, { stable: stable.ready, canary: canaryName === undefined ? 0 : canary.ready });
  return {
    ...(stableName === undefined ? {} : { stable: revisionStatus(stableName, stable, 100 - weight, actual.stable) }),
    ...(canaryName === undefined ? {} : { canary: revisionStatus(canaryName, canary, weight, actual.canary) }),
  };
}

/** Percent; where pods are the ratio, what is missing to 100 is what pods of older revisions still take. */
function actualWeights(observation: AgentObservation, ledger: ReleaseLedger, ready: { readonly stable: number; readonly canary: number }) {
  const { router, actualWeight } = trafficOf(observation, ledger);
  const old = router === 'ReplicaRatio' ? oldPods(observation, ledger).ready : 0;
  const canary = ledger.active === undefined ? 0 : actualWeight;
  if (old === 0) return { stable: ready.stable === 0 ? 0 : 100 - canary, canary };
  const all = ready.stable + ready.canary + old;
  // Rounded down: it is not all the traffic as long as others have any.
  return { stable: Math.floor((ready.stable / all) * 100), canary: Math.floor((ready.canary / all) * 100) };
}

function revisionStatus(revision: string, scale: { readonly replicas: number; readonly ready: number }, weight: number, actual: number): RevisionStatus {
  return { revision, weight, actualWeight: actual, replicas: scale.replicas, readyReplicas: scale.ready };
}

function releaseSummary(latest: Release | undefined): Pick<AgentDeploymentStatus, 'release'> {
  const { phase, stop, step } = latest?.status ?? {};
  if (latest === undefined || phase === undefined) return {};
  const steps = planOf(latest)?.steps?.length ?? 0;
  const shifting = (stop?.phase ?? phase) === 'Shifting' ? { step: `${(step ?? 0) + 1}/${steps}` } : {};
  const forecast = latest.status?.gate?.forecast?.message;
  return { release: { name: latest.metadata.name, phase, ...shifting, ...waitsFor(latest), ...(forecast === undefined ? {} : { forecast }) } };
}

function rejectedBy(rejection: Release | undefined): Pick<AgentDeploymentStatus, 'rejectedBy'> {
  return rejection === undefined ? {} : { rejectedBy: { release: rejection.metadata.name, revision: rejection.spec.revision } };
}

/** What a person could do. */
function waitsFor({ status }: Release): { readonly waitsFor?: string } {
  if (status?.phase === 'AwaitingApproval') return { waitsFor: 'approval' };
  return status?.phase === 'Paused' ? { waitsFor: 'resume' } : {};
}

function historyOf(ledger: ReleaseLedger): HistoryEntry[] {
  return ledger.all.toReversed().flatMap(historyEntry).slice(0, maxHistory);
}

function historyEntry(release: Release): HistoryEntry[] {
  const { metadata, spec, status } = release;
  const { completion, startedAt, finishedAt } = status ?? {};
  if (completion === undefined || startedAt === undefined || finishedAt === undefined) return [];
  return [{ revision: spec.revision, release: metadata.name, verdict: completion, reason: isUndone(release) ? 'Undone' : (status?.reason ?? completion), startedAt, finishedAt }];
}
