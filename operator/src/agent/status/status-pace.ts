import type { AgentDeployment, AgentDeploymentStatus, Condition } from '@sluice/crds';
import type { Clock } from '@sluice/kube';
import { canonicalJson } from '../../revision/index.ts';

/** How long news wait for which nobody waits, so that what comes next is told with them; milliseconds. */
const patienceMs = 10_000;
/** Agents with news that wait; the one that waits longest is forgotten first, and begins to wait anew. */
const maxAgents = 10_000;

/**
 * Puts off writing an agent's status while only sentences, counts, weights and the place of a release have changed: each pod of a release
 * that becomes ready would be a write of its own. Nothing is decided from these, so a process that forgets what waits has lost nothing: the
 * next look finds it again. Whatever else a status has is written at once, because somebody may decide from it (status-pace.test.ts).
 */
export class StatusPace {
  readonly #clock: Clock;
  /** By uid, since when news wait; monotonic milliseconds. */
  readonly #waiting = new Map<string, number>();

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /** Milliseconds until `next` is to be written; 0: now. */
  waitFor({ metadata, status = {} }: AgentDeployment, next: AgentDeploymentStatus): number {
    const { uid = '' } = metadata;
    const now = this.#clock.monotonic();
    const since = this.#waiting.get(uid) ?? now;
    const left = isUrgent(status, next) ? 0 : Math.max(0, since + patienceMs - now);
    if (left === 0) this.#waiting.delete(uid);
    else this.#remember(uid, since);
    return left;
  }

  /** What waited has become untrue again, or there was nothing. */
  nothingToSay({ metadata }: AgentDeployment): void {
    this.#waiting.delete(metadata.uid ?? '');
  }

  #remember(uid: string, since: number): void {
    this.#waiting.set(uid, since);
    const oldest = this.#waiting.keys().next();
    if (this.#waiting.size > maxAgents && !oldest.done) this.#waiting.delete(oldest.value);
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
