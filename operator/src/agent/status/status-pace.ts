import type { AgentDeployment, AgentDeploymentStatus, Condition } from '@sluice/crds';
import type { Clock } from '@sluice/kube';
import { canonicalJson } from '../../revision/index.ts';

/** Time between two writes of one agent's status for news that nobody waits for, so that what comes next is told with them; milliseconds. */
const betweenMs = 10_000;
/** Agents whose last write is remembered; the one longest ago is forgotten first, and its next news are told at once. */
const maxAgents = 10_000;

/**
 * Puts off writing an agent's status while only sentences, counts, weights and the place of a release have changed and it was written a
 * moment ago: each pod of a release that becomes ready would be a write of its own. Nothing is decided from these, so a process that forgets
 * what waits has lost nothing: the next look finds it again. Whatever else a status has is written at once, because somebody may decide from
 * it (status-pace.test.ts).
 */
export class StatusPace {
  readonly #clock: Clock;
  /** By uid, when it was last told to write; monotonic milliseconds. */
  readonly #written = new Map<string, number>();

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /** Milliseconds until `next` is to be written; 0: now, which is taken as done. */
  waitFor({ metadata, status = {} }: AgentDeployment, next: AgentDeploymentStatus): number {
    const { uid = '' } = metadata;
    const now = this.#clock.monotonic();
    const last = this.#written.get(uid);
    const left = last === undefined || isUrgent(status, next) ? 0 : Math.max(0, last + betweenMs - now);
    if (left === 0) this.#remember(uid, now);
    return left;
  }

  #remember(uid: string, now: number): void {
    // Deleted and set again, so that the map's order is the order of the writes.
    this.#written.delete(uid);
    this.#written.set(uid, now);
    const oldest = this.#written.keys().next();
    if (this.#written.size > maxAgents && !oldest.done) this.#written.delete(oldest.value);
  }
}

/** Programs wait for these, people are asked by them, and the operator itself reads some of them back. */
function isUrgent(before: AgentDeploymentStatus, next: AgentDeploymentStatus): boolean {
  return canonicalJson(urgentPart(before)) !== canonicalJson(urgentPart(next)) || isBadNews(before, next);
}

/** All but what is named here: a field that is new is urgent. */
function urgentPart({ message: _sentence, replicas: _pods, traffic: _counts, history: _past, stable, canary, release, conditions = [], ...others }: AgentDeploymentStatus): object {
  return {
    ...others,
    stable: stable?.revision,
    canary: canary?.revision,
    release: { name: release?.name, waitsFor: release?.waitsFor },
    conditions: conditions.filter(({ type }) => type !== availability).map(urgentCondition),
  };
}

/** Their reasons are those of the release, which has them itself. */
const ofRelease: ReadonlySet<string> = new Set(['Ready', 'Reconciling', 'Stalled']);

function urgentCondition({ message: _sentence, reason, ...condition }: Condition): object {
  return ofRelease.has(condition.type) ? condition : { ...condition, reason };
}

const availability = 'Available';

/** That somebody is served may be told with what follows; that nobody is may not. */
function isBadNews(before: AgentDeploymentStatus, next: AgentDeploymentStatus): boolean {
  return availabilityOf(before.conditions) !== 'False' && availabilityOf(next.conditions) === 'False';
}

function availabilityOf(conditions: readonly Condition[] = []): Condition['status'] | undefined {
  return conditions.find(({ type }) => type === availability)?.status;
}
