import type { AgentDeployment } from '@sluice/crds';
import type { Clock } from '@sluice/kube';
import { canonicalJson } from '../../../revision/index.ts';
import type { AgentPlan, UntouchingPlan } from '../../plan.ts';
import { StatusPace } from '../../status/status-pace.ts';
import type { AbstractCluster } from './abstract-cluster.ts';
import type { Write } from './applied-plan.ts';
import type { Late } from './moves.ts';

/** When the status of an agent is written: as StatusPace says, whose time can be made to stand, so that what may wait waits. */
export class PacedStatus {
  readonly #cluster: AbstractCluster;
  #pace: StatusPace;
  #now = 0;
  #putOff: AgentDeployment['status'];

  constructor(cluster: AbstractCluster) {
    this.#cluster = cluster;
    this.#pace = this.#begin();
  }

  get isPutOff(): boolean {
    return this.#putOff !== undefined;
  }

  /** The agent as if nothing had been put off. */
  get asPlanned(): AgentDeployment {
    const { agent } = this.#cluster;
    return this.#putOff === undefined ? agent : { ...agent, status: this.#putOff };
  }

  /** None after the creation of a release, as in agent/apply/apply.ts. */
  writes(plan: AgentPlan | UntouchingPlan, late: readonly Late[]): readonly Write[] {
    if (!late.includes('Status')) this.#now = this.#cluster.elapsed;
    if ('createRelease' in plan && plan.createRelease !== undefined) return [];
    const { agent } = this.#cluster;
    const isNews = canonicalJson(agent.status ?? {}) !== canonicalJson(plan.status);
    this.#putOff = isNews && this.#pace.waitFor(agent, plan.status) > 0 ? plan.status : undefined;
    return this.isPutOff || !isNews ? [] : [() => { this.#cluster.agent = { ...this.#cluster.agent, status: plan.status }; }];
  }

  /** The operator's process ends; what waits is news to the next one. */
  forgetProcess(): void {
    this.#pace = this.#begin();
    this.#putOff = undefined;
  }

  #begin(): StatusPace {
    return new StatusPace({ clock: { now: () => this.#now, monotonic: () => this.#now } as Clock });
  }
}
