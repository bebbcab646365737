import { isDeepStrictEqual } from 'node:util';
import type { Router } from '../../../traffic/plan-traffic.ts';
import type { AgentObservation } from '../../observation.ts';
import type { AgentPlan, UntouchingPlan } from '../../plan.ts';
import { decideUnlessSuspended } from '../../suspension.ts';
import { readLedger } from '../../ledger/releases.ts';
import { AbstractCluster, type EvaluationMood } from './abstract-cluster.ts';
import type { EvidenceMood } from './abstract-evidence.ts';
import { isQuiet, type Write, writesOf } from './applied-plan.ts';
import { stepOf } from './look.ts';
import { Memory } from './memory.ts';
import { type Late, type Move, perform } from './moves.ts';
import { isPostponed, type Pace } from './pace.ts';
import { PacedStatus } from './paced-status.ts';
import { podsInvariants } from './pods-invariants.ts';
import { brokenBy, releaseInvariants } from './release-invariants.ts';
import { trafficInvariants } from './traffic-invariants.ts';

/** How the inputs are when nothing changes any more. */
export interface Settlement {
  readonly evidence: EvidenceMood;
  readonly evaluation: EvaluationMood;
}

const invariants = { ...releaseInvariants, ...trafficInvariants, ...podsInvariants };
/** Each so many looks the same observation is decided twice. */
const repeatEvery = 8;
export const maxSettlingLooks = 250;

/** A cluster, the operator that looks at it, and a witness. What is broken first is remembered. */
export class History {
  readonly cluster: AbstractCluster;
  readonly #memory = new Memory();
  readonly #status: PacedStatus;
  readonly #pace: Pace | undefined;
  #looks = 0;
  broken: string | undefined;

  constructor(router: Router, pace?: Pace) {
    this.cluster = new AbstractCluster(router);
    this.#status = new PacedStatus(this.cluster);
    this.#pace = pace;
  }

  /** Something happens, the operator looks, and time passes. */
  make(move: Move): void {
    this.happen(move);
    this.pass(move.ms, move.share, move.late);
  }

  /** Something happens, and the operator looks. */
  happen({ events, dies, late }: Omit<Move, 'ms' | 'share'>): void {
    for (const event of events) perform(event, this.cluster);
    this.#look({ dies, late });
  }

  /** Nothing changes any more, but for what time brings; people resume what they paused. All is quiet in the end. */
  settle(settlement: Settlement): void {
    this.calm(settlement);
    for (let looks = 0; looks < maxSettlingLooks && this.broken === undefined; looks += 1) {
      if (this.isQuietInLook()) return;
      this.passSettling(looks);
    }
    this.broken ??= `everyHistoryEnds: ${JSON.stringify([...this.cluster.releases.values()].at(-1)?.status)}`;
  }

  /** What was broken is mended, and measured as the settlement says from now on. */
  calm({ evidence, evaluation }: Settlement): void {
    const { cluster } = this;
    Object.assign(cluster, { evidence, evaluation, inputs: 'Readable', neighbour: { mood: 'promoted', since: 0 } });
    cluster.gateway.mood = 'accepts';
    // What serves recovers, and where nothing serves there is nothing to go back to: the first revision is waited for.
    const { stable } = cluster.agent.status ?? {};
    if (stable === undefined) cluster.dead.clear();
    else cluster.dead.delete(stable.revision);
    cluster.edit({ suspend: false });
  }

  /** The operator looks once more. */
  isQuietInLook(): boolean {
    this.#resume();
    if (!this.#look() || !this.#isAtRest()) return false;
    this.broken ??= this.#wishNotDone();
    return true;
  }

  /** After so many looks since nothing changes any more. */
  passSettling(looks: number): void {
    this.pass(looks < 15 ? 10_000 : 240_000, 1);
  }

  #isAtRest(): boolean {
    const { cluster } = this;
    const { stable, traffic } = cluster.agent.status ?? {};
    const served = stable === undefined || cluster.dead.has(stable.revision) || stable.readyReplicas >= cluster.capacity;
    return !this.#status.isPutOff && cluster.active === undefined && served && (stable === undefined || traffic?.state === 'Verified') && [...cluster.pods.values()].every(({ progress }) => progress === 'CaughtUp');
  }

  /** What was accepted is done: nothing that was undone serves as long as there is something to go back to, and what was to be tried again was. */
  #wishNotDone(): string | undefined {
    const { releases, records, wanted } = this.cluster;
    const { serving, stableRevision } = readLedger([...releases.values()]);
    const back = serving?.status?.undoTo;
    if (back !== undefined && back !== stableRevision && records.has(back) && !this.#hasFailed(back)) return `an accepted wish is not done: ${serving?.metadata.name ?? ''} was to be undone`;
    return this.#memory.retried.has(wanted) ? `an accepted wish is not done: ${wanted} was to be tried again` : undefined;
  }

  /** By its last verdict; one that a person undid may be named all the same. */
  #hasFailed(revision: string): boolean {
    const rejecting = this.#memory.rejected.get(revision);
    const { phase, reason } = this.cluster.releases.get(rejecting ?? '')?.status ?? {};
    return rejecting !== undefined && (phase !== 'Promoted' || reason === 'GroupRolledBack');
  }

  #resume(): void {
    if (this.cluster.active?.status?.phase === 'Paused') perform({ kind: 'intent', verb: 'Resume', of: 'active', revision: 'right', id: 'fresh' }, this.cluster);
  }

  /** Returns whether there was nothing to write. */
  #look({ dies = Infinity, late = [] }: Partial<Pick<Move, 'dies' | 'late'>> = {}): boolean {
    const { cluster } = this;
    const observed = cluster.observe();
    const observation = { ...observed, ...this.#pace?.seenBy(observed) };
    const plan = decideUnlessSuspended(observation);
    this.#pace?.note(observation, plan);
    this.#looks += 1;
    if (this.#looks % repeatEvery === 0) this.#decideAgain(observation, plan);
    const { inForce, asked } = cluster.gateway;
    const quiet = isQuiet(plan, cluster) && !isPostponed(observation, plan);
    const seen = { ...observation, releases: [...observation.releases], revisions: new Map(observation.revisions), autoscalers: new Set(observation.autoscalers) };
    for (const write of this.#writes(plan, late).slice(0, dies)) write();
    if (Number.isFinite(dies)) this.forgetProcess();
    const look = { observation: seen, plan, step: stepOf(plan), inForceBefore: inForce, askedBefore: asked, after: cluster, memory: this.#memory };
    this.broken ??= brokenBy(look, invariants) ?? this.#memory.note(cluster);
    return quiet;
  }

  /** The same observation gives the same decision, and so does one in which the status says what it was to say. */
  #decideAgain(observation: AgentObservation, plan: AgentPlan | UntouchingPlan): void {
    if (!isDeepStrictEqual(decideUnlessSuspended(observation), plan)) this.broken ??= 'the same observation gave another decision';
    if (!isDeepStrictEqual(withoutStatus(decideUnlessSuspended({ ...observation, agent: this.#status.asPlanned })), withoutStatus(plan))) this.broken ??= 'something was decided from a status that was late';
  }

  /** The agent's status last. */
  #writes(plan: AgentPlan | UntouchingPlan, late: readonly Late[]): readonly Write[] {
    return [...writesOf(plan, this.cluster), ...this.#status.writes(plan, late)];
  }

  /** The operator's process ends; the next one knows what is stored. */
  forgetProcess(): void {
    this.cluster.forgetProcess();
    this.#status.forgetProcess();
  }

  pass(ms: number, share: number, late: readonly Late[] = []): void {
    const { cluster } = this;
    cluster.wait(ms);
    cluster.gateway.look();
    cluster.movePods(share, late);
    cluster.finishRuns();
  }
}

function withoutStatus({ status: _said, ...decided }: AgentPlan | UntouchingPlan): object {
  return decided;
}
