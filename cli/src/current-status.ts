import type { AgentDeploymentStatus, Release, RevisionStatus, TrafficStatus } from '@sluice/crds';
import { isTold } from '@sluice/crds';
import type { Pod } from '@sluice/kube';
import { readLedger, type ReleaseLedger } from '@sluice/operator/src/agent/ledger/releases.ts';
import { revisionLabel } from '@sluice/operator/src/children/labels.ts';
import { revisionObjectName } from '@sluice/operator/src/children/names.ts';
import { isPodReady } from '@sluice/operator/src/children/pod-ready.ts';
import { actualWeight } from '@sluice/operator/src/release/replica-plan.ts';
import type { AgentView } from './agent-view.ts';
import { isTaken, routeShares } from './status/route-shares.ts';

/**
 * The view with the agent's status as its releases and pods know it by now: the operator puts off telling the agent of steps, weights and
 * pods (operator/src/agent/status/status-pace.ts), and these are told at once. Pure.
 */
export function withCurrentStatus(view: AgentView): AgentView {
  const { agent } = view;
  const status = agent?.status;
  if (agent === undefined || !isTold(status)) return view;
  const ledger = readLedger(view.releases);
  const { canary: _canary, stable: _stable, ...rest } = status;
  const news = isLate(status, ledger) ? newsOf(status, ledger) : sentenceOf(status, ledger);
  return { ...view, agent: { ...agent, status: { ...rest, ...news, ...revisionsOf(view, status, ledger) } } };
}

/** Whether the status speaks of another phase, weight or revision than the releases do. */
function isLate({ release, stable, canary }: AgentDeploymentStatus, { active, stableRevision }: ReleaseLedger): boolean {
  if (stable !== undefined && stableRevision !== undefined && stable.revision !== stableRevision) return true;
  if (active === undefined) return canary !== undefined;
  const { phase = 'Preparing', weight = 0 } = active.status ?? {};
  return release?.name !== active.metadata.name || release.phase !== phase || canary?.revision !== active.spec.revision || canary.weight !== weight;
}

/** What is wrong with the agent besides its release stays. */
function newsOf({ phase: before, message, release, traffic }: AgentDeploymentStatus, { active, latest }: ReleaseLedger): Partial<AgentDeploymentStatus> {
  const about = active ?? latest;
  if (about === undefined || before === 'Suspended' || (before === 'Degraded' && release?.name === about.metadata.name)) return {};
  return {
    ...(active === undefined ? {} : { phase: asksPerson(active) ? 'Paused' : 'Progressing' }),
    message: toldNow(about, message),
    ...(traffic === undefined ? {} : { traffic: withoutMeasured(traffic) }),
  };
}

/**
 * Within a step the operator tells the agent of each sentence of its release up to 20 s late, and two sentences for one thing are one too many.
 * What the pods say stands behind it where they are not all ready, and stays.
 */
function sentenceOf({ phase, message = '', canary }: AgentDeploymentStatus, { active }: ReleaseLedger): Partial<AgentDeploymentStatus> {
  const isOfRelease = active !== undefined && (phase === 'Progressing' || phase === 'Paused') && message.startsWith(`${active.metadata.name}: `);
  const isWell = canary === undefined || canary.readyReplicas >= canary.replicas;
  return isOfRelease && isWell ? { message: toldNow(active, message) } : {};
}

/** What the agent says besides, such as why pods do not start, stays where its sentence is that of the release. */
function toldNow({ metadata, status }: Release, before = ''): string {
  return status?.message === undefined || before.includes(status.message) ? before : `${metadata.name}: ${status.message}`;
}

/** The share that was measured is of another step. */
function withoutMeasured({ measuredWeight: _of, ...traffic }: TrafficStatus): TrafficStatus {
  return traffic;
}

function asksPerson({ status }: Release): boolean {
  return status?.phase === 'Paused' || status?.phase === 'AwaitingApproval';
}

interface Known {
  readonly view: AgentView;
  readonly status: AgentDeploymentStatus;
  readonly ledger: ReleaseLedger;
}

function revisionsOf(view: AgentView, status: AgentDeploymentStatus, ledger: ReleaseLedger): Pick<AgentDeploymentStatus, 'stable' | 'canary'> {
  const known = { view, status, ledger };
  const { active, stableRevision = status.stable?.revision } = ledger;
  const weight = active?.status?.weight ?? 0;
  const canary = active === undefined ? undefined : scaleOf(active.spec.revision, known);
  const stable = stableRevision === undefined || stableRevision === canary?.revision ? undefined : scaleOf(stableRevision, known);
  const share = canary === undefined ? 0 : shareOf(canary, known);
  return {
    ...(stable === undefined ? {} : { stable: { ...stable, weight: 100 - weight, actualWeight: restOf(stable, share, known) } }),
    ...(canary === undefined ? {} : { canary: { ...canary, weight, actualWeight: share } }),
  };
}

/** By its pods, where they may be read; undefined where nothing is known of it. The number that is wanted is only in the status, as it was told last. */
function scaleOf(revision: string, { view, status, ledger }: Known): RevisionStatus | undefined {
  const told = [status.stable, status.canary].find((each) => each?.revision === revision);
  const pods = readablePods(view)?.filter(({ metadata }) => metadata.labels?.[revisionLabel] === revision);
  if (pods === undefined) return told;
  const ready = pods.filter(isPodReady).length;
  const replicas = told === undefined || isLate(status, ledger) ? pods.length : told.replicas;
  return { revision, weight: 0, actualWeight: told?.actualWeight ?? 0, replicas: Math.max(replicas, ready), readyReplicas: ready };
}

/** Percent that the stable revision takes beside `share`; where pods are the ratio those of older revisions take theirs. */
function restOf(stable: RevisionStatus, share: number, known: Known): number {
  if (!countsPods(known) && !isLate(known.status, known.ledger)) return stable.actualWeight;
  if (stable.readyReplicas === 0) return 0;
  const all = (readablePods(known.view) ?? []).filter(isPodReady);
  const shown = [stable.revision, known.ledger.active?.spec.revision];
  const isAlone = all.every(({ metadata }) => shown.includes(metadata.labels?.[revisionLabel]));
  return !countsPods(known) || isAlone ? 100 - share : Math.floor((stable.readyReplicas / all.length) * 100);
}

/** Percent that the new revision really takes: by ready pods, or as the Gateways have taken the route. */
function shareOf(canary: RevisionStatus, known: Known): number {
  const { view, status, ledger } = known;
  if (countsPods(known)) {
    const all = (readablePods(view) ?? []).filter(isPodReady).length;
    return actualWeight({ ready: all - canary.readyReplicas }, { ready: canary.readyReplicas });
  }
  const [route] = view.children?.routes ?? [];
  if (!isLate(status, ledger) || route === undefined || !isTaken(route)) return canary.actualWeight;
  const shares = routeShares(route);
  const all = [...shares.values()].reduce((sum, weight) => sum + weight, 0);
  return all === 0 ? 0 : Math.round(((shares.get(revisionObjectName(view.name, canary.revision)) ?? 0) / all) * 100);
}

/** Whether the requests are divided by the number of pods, and these may be read. */
function countsPods({ view, status: { traffic } }: Known): boolean {
  return readablePods(view) !== undefined && (traffic?.router ?? (view.agent?.spec.route === undefined ? 'ReplicaRatio' : 'Gateway')) === 'ReplicaRatio';
}

/** Those that serve, or are to; undefined where they were not asked for or may not be listed. */
function readablePods({ children }: AgentView): readonly Pod[] | undefined {
  return children === undefined || children.unreadable.includes('pods') ? undefined : children.pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}
