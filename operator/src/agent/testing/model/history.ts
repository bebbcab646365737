import { isDeepStrictEqual } from 'node:util';
import type { Router } from '../../../traffic/plan-traffic.ts';
import { decideUnlessSuspended } from '../../suspension.ts';
import { readLedger } from '../../ledger/releases.ts';
import { AbstractCluster, type EvaluationMood } from './abstract-cluster.ts';
import type { EvidenceMood } from './abstract-evidence.ts';
import { isQuiet, writesOf } from './applied-plan.ts';
import { stepOf } from './look.ts';
import { Memory } from './memory.ts';
import { type Move, perform } from './moves.ts';
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
const maxSettlingLooks = 250;

/** A cluster, the operator that looks at it, and a witness. What is broken first is remembered. */
export class History {
  readonly cluster: AbstractCluster;
  readonly #memory = new Memory();
  #looks = 0;
  broken: string | undefined;

  constructor(router: Router) {
    this.cluster = new AbstractCluster(router);
  }

  /** Something happens, the operator looks, and time passes. */
  make({ events, ms, share, dies }: Move): void {
    for (const event of events) perform(event, this.cluster);
    this.#look(dies);
    this.#pass(ms, share);
  }

  /** Nothing changes any more, but for what time brings; people resume what they paused. Returns the number of looks until all is quiet. */
  settle({ evidence, evaluation }: Settlement): void {
    const { cluster } = this;
    Object.assign(cluster, { evidence, evaluation, inputs: 'Readable', neighbour: { mood: 'promoted', since: 0 } });
    cluster.gateway.mood = 'accepts';
    // What serves recovers, and where nothing serves there is nothing to go back to: the first revision is waited for.
    const { stable } = cluster.agent.status ?? {};
    if (stable === undefined) cluster.dead.clear();
    else cluster.dead.delete(stable.revision);
    cluster.edit({ suspend: false });
    for (let looks = 0; looks < maxSettlingLooks && this.broken === undefined; looks += 1) {
      this.#resume();
      if (this.#look() && this.#isAtRest()) {
        this.broken ??= this.#wishNotDone();
        return;
      }
      this.#pass(looks < 15 ? 10_000 : 240_000, 1);
    }
    this.broken ??= `everyHistoryEnds: ${JSON.stringify([...cluster.releases.values()].at(-1)?.status)}`;
  }

  #isAtRest(): boolean {
    const { cluster } = this;
    const { stable, traffic } = cluster.agent.status ?? {};
    const served = stable === undefined || cluster.dead.has(stable.revision) || stable.readyReplicas >= cluster.capacity;
    return cluster.active === undefined && served && (stable === undefined || traffic?.state === 'Verified') && [...cluster.pods.values()].every(({ progress }) => progress === 'CaughtUp');
  }

  /** What was accepted is done: nothing that was undone serves as long as there is something to go back to, and what was to be tried again was. */
  #wishNotDone(): string | undefined {
    const { releases, records, wanted } = this.cluster;
    const { serving, stableRevision } = readLedger([...releases.values()]);
    const back = serving?.status?.undoTo;
    if (back !== undefined && back !== stableRevision && records.has(back) && !this.#memory.rejected.has(back)) return `an accepted wish is not done: ${serving?.metadata.name ?? ''} was to be undone`;
    return this.#memory.retried.has(wanted) ? `an accepted wish is not done: ${wanted} was to be tried again` : undefined;
  }

  #resume(): void {
    if (this.cluster.active?.status?.phase === 'Paused') perform({ kind: 'intent', verb: 'Resume', of: 'active', revision: 'right', id: 'fresh' }, this.cluster);
  }

  /** Returns whether there was nothing to write. */
  #look(dies = Infinity): boolean {
    const { cluster } = this;
    const observation = cluster.observe();
    const plan = decideUnlessSuspended(observation);
    this.#looks += 1;
    if (this.#looks % repeatEvery === 0 && !isDeepStrictEqual(decideUnlessSuspended(observation), plan)) this.broken ??= 'the same observation gave another decision';
    const { inForce, asked } = cluster.gateway;
    const quiet = isQuiet(plan, cluster);
    const seen = { ...observation, releases: [...observation.releases], revisions: new Map(observation.revisions), autoscalers: new Set(observation.autoscalers) };
    for (const write of writesOf(plan, cluster).slice(0, dies)) write();
    if (Number.isFinite(dies)) cluster.forgetProcess();
    const look = { observation: seen, plan, step: stepOf(plan), inForceBefore: inForce, askedBefore: asked, after: cluster, memory: this.#memory };
    this.broken ??= brokenBy(look, invariants) ?? this.#memory.note(cluster);
    return quiet;
  }

  #pass(ms: number, share: number): void {
    const { cluster } = this;
    cluster.wait(ms);
    cluster.gateway.look();
    cluster.movePods(share);
    cluster.finishRuns();
  }
}
