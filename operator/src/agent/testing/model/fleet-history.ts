import { ReleaseTurns } from '../../../pacing/release-turns.ts';
import type { Router } from '../../../traffic/plan-traffic.ts';
import { readLedger } from '../../ledger/releases.ts';
import type { AgentObservation } from '../../observation.ts';
import { ChangeSettling } from '../../observe/change-settling.ts';
import type { AgentPlan, UntouchingPlan } from '../../plan.ts';
import { startsInTurn } from '../../release-step/turn.ts';
import type { AbstractCluster } from './abstract-cluster.ts';
import { History, maxSettlingLooks, type Settlement } from './history.ts';
import { type Move, perform } from './moves.ts';
import type { Pace } from './pace.ts';

/** How long a release keeps its place whatever others do, milliseconds (docs/decisions/0101). */
const placeMs = 60_000;

/** One step of a fleet: something may change for all, then each agent has its own. Time passes for all as for the first. */
export interface FleetMove {
  readonly revision: string | undefined;
  readonly moves: readonly Move[];
}

export interface FleetOptions {
  readonly router: Router;
  readonly agents: number;
  /** Releases that may bring up their first pods at once. */
  readonly limit: number;
}

/** Agents of one operator, each in a cluster of its own, on one clock. What is broken first is remembered. */
export class FleetHistory {
  readonly #limit: number;
  readonly #paces: readonly AgentPace[];
  readonly #histories: readonly History[];
  #turns: ReleaseTurns;
  #broken: string | undefined;

  constructor({ router, agents, limit }: FleetOptions) {
    this.#limit = limit;
    this.#turns = this.#begin();
    this.#paces = Array.from({ length: agents }, (_, index) => new AgentPace(`agent-${index}`, { turns: () => this.#turns, time: () => this.#histories[0]?.cluster ?? { now: 0, elapsed: 0 }, onStart: (pace) => this.#check(pace) }));
    this.#histories = this.#paces.map((pace) => new History(router, pace));
  }

  get broken(): string | undefined {
    return this.#broken ?? this.#histories.map(({ broken }) => broken).find((broken) => broken !== undefined);
  }

  /** Agents with a release of this revision. */
  releasesOf(revision: string): number {
    return this.#histories.filter(({ cluster }) => [...cluster.releases.values()].some(({ spec }) => spec.revision === revision)).length;
  }

  make({ revision, moves }: FleetMove): void {
    for (const [index, history] of this.#histories.entries()) {
      const move = moves[index];
      if (revision !== undefined) perform({ kind: 'revision', revision }, history.cluster);
      if (move === undefined) continue;
      history.happen(move);
      if (move.dies !== undefined) this.#restart();
    }
    for (const [index, history] of this.#histories.entries()) history.pass(moves[0]?.ms ?? 0, moves[index]?.share ?? 1, moves[index]?.late);
  }

  /** As {@link History.settle}, of all at once. */
  settle(settlement: Settlement): void {
    for (const history of this.#histories) history.calm(settlement);
    for (let looks = 0; looks < maxSettlingLooks && this.broken === undefined; looks += 1) {
      const atRest = this.#histories.map((history) => history.isQuietInLook());
      if (atRest.every(Boolean)) return;
      for (const history of this.#histories) history.passSettling(looks);
    }
    this.#broken ??= this.broken ?? `everyHistoryEnds: ${this.#paces.map(({ told }) => told).join(', ')}`;
  }

  /** The operator's process ends: the next one finds out again who waits and who starts. */
  #restart(): void {
    this.#turns = this.#begin();
    for (const pace of this.#paces) pace.forgetProcess();
    for (const history of this.#histories) history.forgetProcess();
  }

  #begin(): ReleaseTurns {
    return new ReleaseTurns({ limit: this.#limit, clock: { now: () => this.#histories[0]?.cluster.now ?? 0 }, wake: () => undefined });
  }

  /** Told by what the looks said, not by the turns under test. */
  #check(begins: AgentPace): void {
    const others = this.#paces.filter((pace) => pace !== begins && pace.hasPlace);
    if (others.length >= this.#limit) this.#broken ??= `releasesStartInTurn: ${begins.name} begins beside ${others.map(({ name }) => name).join(', ')}, and ${this.#limit} may at once`;
  }
}

interface Process {
  readonly turns: () => ReleaseTurns;
  readonly time: () => Pick<AbstractCluster, 'now' | 'elapsed'>;
  /** A release begins that has to wait for its turn. */
  readonly onStart: (pace: AgentPace) => void;
}

class AgentPace implements Pace {
  readonly name: string;
  readonly #process: Process;
  #settling: ChangeSettling;
  /** Since when it has its place, by a clock that only goes forward. */
  #startedAt: number | undefined;
  told = 'Nothing';

  constructor(name: string, process: Process) {
    this.name = name;
    this.#process = process;
    this.#settling = this.#settle();
  }

  seenBy({ agent, desired }: AgentObservation): Pick<AgentObservation, 'turns' | 'settlesAt'> {
    const turns = this.#process.turns().takenFor(this.#key);
    const settlesAt = this.#settling.settlesAt(agent, desired);
    return { ...(turns === undefined ? {} : { turns }), ...(settlesAt === undefined ? {} : { settlesAt }) };
  }

  note(observation: AgentObservation, plan: AgentPlan | UntouchingPlan): void {
    const standing = 'standing' in plan ? plan.standing : undefined;
    const created = 'createRelease' in plan ? plan.createRelease : undefined;
    if (created !== undefined && this.#startedAt === undefined && startsInTurn(observation, created, readLedger(observation.releases))) this.#process.onStart(this);
    this.#process.turns().note(this.#key, standing);
    this.#startedAt = standing === 'Starting' || standing === 'AwaitingPods' ? (this.#startedAt ?? this.#process.time().elapsed) : undefined;
    this.told = standing ?? 'Nothing';
  }

  get hasPlace(): boolean {
    return this.#startedAt !== undefined && this.#process.time().elapsed - this.#startedAt < placeMs;
  }

  forgetProcess(): void {
    this.#settling = this.#settle();
    this.#startedAt = undefined;
  }

  get #key(): { readonly namespace: string; readonly name: string } {
    return { namespace: 'demo', name: this.name };
  }

  #settle(): ChangeSettling {
    return new ChangeSettling({ clock: { now: () => this.#process.time().now } });
  }
}
