import type { AgentDeployment } from '@sluice/crds';
import { shardLabel } from '../../sharding/shard.ts';
import { moveTo, ShardOperator } from '../../sharding/testing/shard-operator.ts';
import { agentDeployments } from '../../resources.ts';
import { World, type WorldOptions } from './world.ts';

export type ShardName = 'blue' | 'red';

/** A person sets the label of the agent while a write is on its way. */
export interface Move {
  /** Writes since the move before, or since the first one was asked for. */
  readonly afterWrites: number;
  readonly to: ShardName;
  /** Of that write: `IsHeldUp` until the other shard has taken over. */
  readonly writer: 'GoesOn' | 'IsHeldUp';
}

const shards = ['blue', 'red'] as const;
/** Rounds of looks until a write that is held up goes on: the other shard has taken over by then, and it is not longer than a request may be on its way. */
const heldForLooks = 3;
/** Time in which nothing is written after which nothing waits to be told; StatusPace says how long news may wait. Milliseconds. */
const quietMs = 21_000;

interface HeldLook {
  readonly shard: ShardName;
  readonly look: ReturnType<ShardOperator['look']>;
  readonly resume: () => void;
  looksLeft: number;
}

/** A world with an operator for each of two shards, both alive. The agent is blue until it is moved. */
export class ShardedWorld extends World {
  readonly #operators = new Map<ShardName, ShardOperator>();
  readonly #changes: WorldOptions['changes'];
  #moves: readonly Move[] = [];
  #movedAt = 0;
  #stop: PromiseWithResolvers<HeldLook['resume']> | undefined;
  #held: HeldLook | undefined;
  #seen = { writes: 0, at: 0 };

  constructor(options: WorldOptions) {
    super(options);
    this.#changes = options.changes;
    for (const shard of shards) this.#begin(shard);
  }

  /** The agent goes where these say, counted from now on. */
  move(moves: readonly Move[]): void {
    this.#moves = moves;
    this.#movedAt = this.cluster.writes;
  }

  /** Moves that were asked for and have not been made. */
  get movesLeft(): number {
    return this.#moves.length;
  }

  override ask(prompt: string, suite?: string): void {
    const isNew = (this.agent as AgentDeployment | undefined) === undefined;
    super.ask(prompt, suite);
    const { agent } = this;
    const blue: AgentDeployment = { ...agent, metadata: { ...agent.metadata, labels: { ...agent.metadata.labels, [shardLabel]: 'blue' } } };
    if (isNew) this.cluster.put(agentDeployments, blue);
  }

  /** One look of each operator that is not held up. */
  override async reconcile(): Promise<'done' | 'crashed'> {
    for (const shard of shards) if (this.#held?.shard !== shard) await this.#lookOf(shard);
    await this.#resumeWhenDue();
    if (this.cluster.writes !== this.#seen.writes) this.#seen = { writes: this.cluster.writes, at: this.now };
    this.statusIsLate = this.now - this.#seen.at < quietMs;
    return 'done';
  }

  /** Whoever has the agent has all of it, and nobody is held up. */
  override get isStill(): boolean {
    const { metadata, status } = this.agent;
    return super.isStill && this.#held === undefined && status?.takeOver === undefined && status?.shard === metadata.labels?.[shardLabel];
  }

  #begin(shard: ShardName): void {
    this.#operators.set(shard, new ShardOperator({ cluster: this.cluster, shard, time: this, changes: this.#changes, evidence: this.evidence, beforeWrite: () => this.#beforeWrite() }));
  }

  async #lookOf(shard: ShardName): Promise<void> {
    const operator = this.#operators.get(shard);
    if (operator === undefined) return;
    const stop = Promise.withResolvers<HeldLook['resume']>();
    this.#stop = stop;
    const look = operator.look();
    const outcome = await Promise.race([look, stop.promise]);
    if (typeof outcome === 'function') this.#held = { shard, look, resume: outcome, looksLeft: heldForLooks };
    else this.#note(shard, outcome);
  }

  async #resumeWhenDue(): Promise<void> {
    const held = this.#held;
    if (held === undefined) return;
    held.looksLeft -= 1;
    if (held.looksLeft > 0) return;
    this.#held = undefined;
    held.resume();
    this.#note(held.shard, await held.look);
  }

  #note(shard: ShardName, outcome: Awaited<ReturnType<ShardOperator['look']>>): void {
    this.pods.assertBounded();
    if (outcome === 'done') return;
    this.cluster.crashAt = undefined;
    this.#begin(shard);
  }

  async #beforeWrite(): Promise<void> {
    const [next, ...others] = this.#moves;
    if (next === undefined || this.cluster.writes < this.#movedAt + next.afterWrites) return;
    if (this.#held !== undefined && next.writer === 'IsHeldUp') throw new Error('one write is held up at a time');
    this.#moves = others;
    this.#movedAt = this.cluster.writes;
    moveTo(this.cluster, next.to);
    if (next.writer === 'GoesOn') return;
    const resumed = Promise.withResolvers<void>();
    this.#stop?.resolve(resumed.resolve);
    await resumed.promise;
  }
}
