import { hash } from 'node:crypto';
import { type AgentDeployment, type AgentDeploymentStatus, type Condition, isTold } from '@sluice/crds';
import { type Clock, isSameJson } from '@sluice/kube';
import type { Shard } from '../../sharding/shard.ts';
import { podsRefused } from '../observe/made-pods.ts';
import { toldOnce } from './notices.ts';

/** How long news that nobody waits for wait for what comes next, to be told with it: so long after the latest, and so long after the first; milliseconds. */
const togetherMs = 10_000;
const longestMs = 20_000;
/** Agents whose news wait; the one that waits longest is forgotten first, and its news wait anew. */
const maxAgents = 10_000;

interface Waiting {
  /** Of the first of the news, monotonic milliseconds. */
  readonly since: number;
  /** Of the latest. */
  readonly changed: number;
  readonly news: string;
}

/**
 * Puts off writing an agent's status while only sentences, counts, weights and the way forward of a release have changed: each pod that
 * becomes ready and each step would be a write of its own, and the Release has said them already. Nothing is decided from these, so a process
 * that forgets what waits has lost nothing: the next look finds it again. Whatever else a status has is written at once, because somebody may
 * decide from it (status-pace.test.ts).
 */
export class StatusPace {
  readonly #clock: Clock;
  readonly #shard: Shard;
  /** By uid. */
  readonly #waiting = new Map<string, Waiting>();

  constructor({ clock, shard }: { readonly clock: Clock; readonly shard?: Shard }) {
    this.#clock = clock;
    this.#shard = shard;
  }

  /** Milliseconds until `next` is to be written; 0: now, which is taken as done. */
  waitFor(agent: AgentDeployment, next: AgentDeploymentStatus): number {
    const { uid = '' } = agent.metadata;
    const left = this.#isUrgent(agent, next) ? 0 : this.#left(uid, newsOf(next));
    if (left === 0) this.#waiting.delete(uid);
    return left;
  }

  #isUrgent(agent: AgentDeployment, next: AgentDeploymentStatus): boolean {
    const { status = {} } = agent;
    if (isTold(agent.status)) return isUrgent(status, next);
    // Where the agent is that a shard looks after is read there by the next one.
    return this.#shard !== undefined || agent.status === undefined || !isBeginning(agent, next);
  }

  #left(uid: string, news: string): number {
    const now = this.#clock.monotonic();
    const known = this.#waiting.get(uid);
    const waiting = known?.news === news ? known : { since: known?.since ?? now, changed: now, news };
    const oldest = this.#waiting.keys().next();
    if (known === undefined && this.#waiting.size >= maxAgents && !oldest.done) this.#waiting.delete(oldest.value);
    this.#waiting.set(uid, waiting);
    return Math.max(0, Math.min(waiting.changed + togetherMs, waiting.since + longestMs) - now);
  }
}

/** What a status says, but for times that go on until it is written. */
function newsOf(status: AgentDeploymentStatus): string {
  return hash('sha256', JSON.stringify(status, (key, value: unknown) => (key === 'lastTransitionTime' ? undefined : value)), 'base64');
}

/** That the pods of its first release are being made is told with what becomes of it: until then a new agent is Pending, which is none the worse for who waits. That somebody refuses them is told at once. */
function isBeginning({ metadata: { name } }: AgentDeployment, { phase, message = '', release, conditions = [], rejectedBy }: AgentDeploymentStatus): boolean {
  const isPlain = conditions.every(({ type }) => ofRelease.has(type) || type === availability);
  const isFirst = release === undefined || (release.name === `${name}-1` && release.waitsFor === undefined && wayForward.has(release.phase));
  return phase === 'Progressing' && isPlain && isFirst && rejectedBy === undefined && !message.includes(podsRefused);
}

/** Programs wait for these, people are asked by them, and the operator itself reads some of them back. */
function isUrgent(before: AgentDeploymentStatus, next: AgentDeploymentStatus): boolean {
  return isResized(before, next) || servesOtherwise(before, next) || meetsUsers(before, next) || isBadNews(before, next) || !isSameJson(urgentPart(before), urgentPart(next));
}

/** Who scales an agent reads the number of its pods here. In a release each step changes it, and the number is that of what comes and goes. */
function isResized({ phase: before, replicas: known }: AgentDeploymentStatus, { phase, replicas }: AgentDeploymentStatus): boolean {
  return before === 'Healthy' && phase === 'Healthy' && replicas !== known;
}

/**
 * Another revision serves. That the one which the spec asks for does is told when the agent is Healthy, a moment later: until then whoever
 * decides from it waits, with this news and without.
 */
function servesOtherwise({ stable: before }: AgentDeploymentStatus, { stable, revision }: AgentDeploymentStatus): boolean {
  return stable?.revision !== before?.revision && stable?.revision !== revision;
}

/** The first requests reach the new revision: whoever watches wants to be there, and how many more there are may wait. */
function meetsUsers({ canary: before }: AgentDeploymentStatus, { canary: next }: AgentDeploymentStatus): boolean {
  return (before?.actualWeight ?? 0) === 0 && (next?.actualWeight ?? 0) > 0;
}

/** All but what is named here: a field that is new is urgent. That suites begin and end is: they take long, and users meet the revision after them. */
function urgentPart({ message: _sentence, replicas: _pods, traffic: _counts, history: _past, stable: _serves, canary: _comes, release, conditions = [], ...others }: AgentDeploymentStatus): object {
  return {
    ...others,
    release: { name: release?.name, waitsFor: release?.waitsFor, stopped: wayForward.has(release?.phase ?? 'Preparing') ? undefined : release?.phase, isInEvaluation: release?.phase === 'Evaluating' },
    conditions: conditions.filter(({ type }) => type !== availability).map(urgentCondition),
  };
}

const wayForward: ReadonlySet<string> = new Set(['Preparing', 'Evaluating', 'Shifting', 'Promoting', 'Promoted']);

/** Their reasons are those of the release, which has them itself, but for those by which an event is known to be told (notices.ts). */
const ofRelease: ReadonlySet<string> = new Set(['Ready', 'Reconciling', 'Stalled']);


function urgentCondition({ message: _sentence, reason, ...condition }: Condition): object {
  return ofRelease.has(condition.type) && !toldOnce.has(reason) ? condition : { ...condition, reason };
}

const availability = 'Available';

/** That somebody is served may be told with what follows; that nobody is may not. */
function isBadNews(before: AgentDeploymentStatus, next: AgentDeploymentStatus): boolean {
  return availabilityOf(before.conditions) !== 'False' && availabilityOf(next.conditions) === 'False';
}

function availabilityOf(conditions: readonly Condition[] = []): Condition['status'] | undefined {
  return conditions.find(({ type }) => type === availability)?.status;
}
