import type { AgentDeployment, Release, Transition } from '@sluice/crds';
import { isTerminal } from '../decision.ts';
import type { Hindrance, Veto } from '../observation.ts';
import { absenceOf, type Elsewhere } from './elsewhere.ts';
import { planOf } from '../plan.ts';

/** Another agent of the namespace that a release may have to heed. */
export interface Neighbour {
  readonly agent: AgentDeployment;
  /** None of an agent of another group that this one depends on over others only: that it is on the way of a dependency is all that counts. */
  readonly releases: readonly Release[];
  /** Of an agent that this one depends on. */
  readonly standing?: NeighbourStanding;
}

/** How far an agent has come, by what exists: its status may be late, and does not know yet that a ConfigMap or a provider changed. */
export interface NeighbourStanding {
  /** What its spec and all that it names come to now, or why that can't be told. */
  readonly wanted: { readonly kind: 'Known'; readonly revision: string } | { readonly kind: 'Unknown'; readonly why: string };
  /** The revision that was promoted last, unless it was taken back. */
  readonly promoted: string | undefined;
  /** Pods of other revisions that have not been told to end: "2 pods of revision a1b2". */
  readonly oldPods: string | undefined;
}

export type Neighbours = ReadonlyMap<string, Neighbour>;

/** What this agent's release waits for: an agent that it depends on and that does not serve what its spec asks for. */
export function dependencyOf(agent: AgentDeployment, neighbours: Neighbours, elsewhere?: Elsewhere): Hindrance | undefined {
  for (const { name } of agent.spec.rollout?.dependsOn ?? []) {
    const neighbour = neighbours.get(name);
    const why = neighbour === undefined ? absenceOf(name, agent, elsewhere) : notPromoted(neighbour);
    if (why !== undefined) return { reason: 'Dependency', message: `Waits for agent "${name}", which this one depends on: ${why}` };
  }
  return undefined;
}

function notPromoted({ agent, releases, standing }: Neighbour): string | undefined {
  const active = releases.find(({ status }) => !isTerminal(status?.phase));
  if (active !== undefined) return `its release ${active.metadata.name} is ${active.status?.phase ?? 'about to begin'}`;
  return standing === undefined ? 'nobody knows yet what it serves' : lackOf(standing, agent);
}

function lackOf({ wanted, promoted, oldPods }: NeighbourStanding, { metadata: { name } }: AgentDeployment): string | undefined {
  if (wanted.kind === 'Unknown') return `what its spec asks for can't be told: ${wanted.why}`;
  if (wanted.revision !== promoted) return `what its spec asks for, revision ${wanted.revision}, is not promoted; kubectl sluice explain ${name} says why`;
  return oldPods === undefined ? undefined : `pods of an older revision still answer (${oldPods})`;
}

/** Agents that wait for each other would wait for ever. */
export function dependencyCycle(agent: AgentDeployment, neighbours: Neighbours): Veto | undefined {
  const path = pathBack(agent, neighbours);
  if (path === undefined) return undefined;
  return { reason: 'DependencyCycle', message: `The agents depend on each other (${path.join(' -> ')}), so none could ever be released: remove one from rollout.dependsOn` };
}

/** The shortest way from the agent to itself. Each agent is gone to once: ways that part and meet again would otherwise double at each of them. */
function pathBack(agent: AgentDeployment, neighbours: Neighbours): readonly string[] | undefined {
  const goal = agent.metadata.name;
  const cameFrom = new Map<string, string>();
  const found = [agent];
  for (const { metadata: { name: from }, spec } of found) {
    for (const { name } of spec.rollout?.dependsOn ?? []) {
      if (name === goal) return [...wayTo(from, goal, cameFrom), goal];
      const next = neighbours.get(name)?.agent;
      if (next === undefined || cameFrom.has(name)) continue;
      cameFrom.set(name, from);
      found.push(next);
    }
  }
  return undefined;
}

function wayTo(name: string, goal: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const way = [name];
  for (let at = name; at !== goal; way.push(at)) at = cameFrom.get(at) ?? goal;
  return way.toReversed();
}

/** Reasons with which a release goes back that say nothing against the other agents of its group. */
const ownAffairs: ReadonlySet<string> = new Set(['GroupRolledBack', 'DependencyCycle', 'HoldLimitExceeded', 'Superseded']);

/** A release of the same group that failed at a time at which `release` was on its way. One that was itself taken back for the group draws in nobody. */
export function groupFailure(agent: AgentDeployment, release: Release, neighbours: Neighbours): Veto | undefined {
  const { group } = agent.spec.rollout ?? {};
  const startedAt = release.status?.startedAt;
  // Who is put into a group today takes nothing back that was released before that.
  if (group === undefined || planOf(release)?.group !== group || startedAt === undefined) return undefined;
  for (const neighbour of neighbours.values()) {
    if (neighbour.agent.spec.rollout?.group !== group) continue;
    const failed = neighbour.releases.find((other) => planOf(other)?.group === group && failedDuring(other, { startedAt, finishedAt: release.status?.finishedAt }) && !isOvercome(other, neighbour.releases));
    if (failed === undefined) continue;
    const name = neighbour.agent.metadata.name;
    return { reason: 'GroupRolledBack', message: `Release ${failed.metadata.name} of agent "${name}" failed, and both belong to group "${group}": ${failed.status?.message ?? 'no reason is known'}` };
  }
  return undefined;
}

interface Span {
  readonly startedAt: string;
  readonly finishedAt: string | undefined;
}

/**
 * Whether that agent has been promoted with another release since. Who is looked at when that has happened (he was suspended, or nobody looked) is not
 * taken back for a change that is history: it may be the very change that the other has got after all.
 */
function isOvercome({ status }: Release, releases: readonly Release[]): boolean {
  const failedAt = backOf(status)?.at;
  return releases.some((later) => later.status?.phase === 'Promoted' && later.status.undoTo === undefined && failedAt !== undefined && (later.status.startedAt ?? '') > failedAt);
}

function backOf(status: Release['status']): Transition | undefined {
  return status?.transitions?.findLast(({ phase, reason }) => (phase === 'RollingBack' || phase === 'RolledBack') && !ownAffairs.has(reason));
}

/** RFC 3339 in UTC with milliseconds: the order of the texts is that of the times. */
function failedDuring({ status }: Release, span: Span): boolean {
  const back = backOf(status);
  const ended = status?.phase === 'RollingBack' || status?.phase === 'RolledBack' || status?.phase === 'Aborted';
  if (!ended || back === undefined || status?.startedAt === undefined || ownAffairs.has(status.reason ?? '')) return false;
  const began = span.startedAt <= back.at;
  // One that was promoted meanwhile belongs to the same change when both were on their way at the same time.
  return began && (span.finishedAt === undefined || span.finishedAt >= status.startedAt);
}
