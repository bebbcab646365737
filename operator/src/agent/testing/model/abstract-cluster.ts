import { freezeAt } from '../../../release/holds/freeze.ts';
import type { AgentDeployment, EvalRun, EvalSuite, Release } from '@sluice/crds';
import { isoTime } from '../../../evidence/clock-time.ts';
import { isTerminal } from '../../../release/decision.ts';
import type { RevisionRecord } from '../../../revision/index.ts';
import type { Router } from '../../../traffic/plan-traffic.ts';
import type { AgentObservation, DesiredRevision, RevisionState } from '../../observation.ts';
import { AbstractGateway } from './abstract-gateway.ts';
import { type EvidenceMood, scrape } from './abstract-evidence.ts';
import { neighboursIn, type NeighbourState } from './neighbours.ts';
import { plainRollout, type RolloutChoice, rolloutOf } from './rollouts.ts';

export type EvaluationMood = 'Passed' | 'Failed' | 'NotMeasured' | 'Running';

interface Pods {
  readonly replicas: number;
  readonly ready: number;
  readonly restarts: number;
  /** Pods that exist, those on their way out included. */
  readonly existing: number;
  readonly progress: 'CaughtUp' | 'CatchingUp';
}

const suites: ReadonlyMap<string, EvalSuite> = new Map(['golden', 'hostile'].map((name) => [name, { apiVersion: 'sluice.dev/v1alpha1', kind: 'EvalSuite', metadata: { name, namespace: 'demo' }, spec: { cases: [] } } as unknown as EvalSuite]));
const unresolved: DesiredRevision = { kind: 'Unresolved', problem: { reason: 'PromptNotFound', message: 'the prompt is missing' } };

/** One agent in a cluster without objects, names or promises: just what a decision sees and what its plan changes. Everything here is stored state. */
export class AbstractCluster {
  now = Date.parse('2026-11-21T10:35:00.000Z');
  agent: AgentDeployment;
  readonly router: Router;
  readonly releases = new Map<string, Release>();
  readonly runs = new Map<string, EvalRun>();
  readonly records = new Map<string, RevisionRecord>();
  readonly pods = new Map<string, Pods>();
  readonly services = new Set<string>();
  readonly gateway = new AbstractGateway();
  /** The revision that the agent's own Service selects. */
  serves: string | undefined;
  /** What the prompt of the spec is: the name of its revision, or nothing that can be read. */
  wanted = 'a';
  inputs: 'Readable' | 'Missing' = 'Readable';
  evidence: EvidenceMood = 'good';
  evaluation: EvaluationMood = 'Passed';
  neighbour: NeighbourState = { mood: 'promoted', since: 0 };
  /** Revisions whose pods never become ready. */
  readonly dead = new Set<string>();
  choice: RolloutChoice = plainRollout;

  constructor(router: Router) {
    this.router = router;
    this.agent = {
      apiVersion: 'sluice.dev/v1alpha1',
      kind: 'AgentDeployment',
      metadata: { name: 'support', namespace: 'demo', uid: 'uid-agent', generation: 1 },
      spec: {
        agent: { image: 'example.com/runtime:1', model: { providerRef: { name: 'anthropic' }, name: 'claude' }, prompt: { inline: 'a' } },
        replicas: 3,
        rollout: rolloutOf(plainRollout, router),
        ...(router === 'Gateway' ? { route: { parentRefs: [{ name: 'public' }], pathPrefix: '/support' } } : {}),
      },
    };
  }

  /** A user changes the spec. */
  edit(changes: Partial<AgentDeployment['spec']>): void {
    const { metadata, spec } = this.agent;
    this.agent = { ...this.agent, metadata: { ...metadata, generation: (metadata.generation ?? 0) + 1 }, spec: { ...spec, ...changes } };
  }

  choose(changes: Partial<RolloutChoice>): void {
    this.choice = { ...this.choice, ...changes };
    this.edit({ rollout: rolloutOf(this.choice, this.router) });
  }

  get capacity(): number {
    return this.agent.spec.replicas ?? 0;
  }

  get active(): Release | undefined {
    return [...this.releases.values()].find(({ status }) => !isTerminal(status?.phase));
  }

  readyOf(revision: string): number {
    return this.pods.get(revision)?.ready ?? 0;
  }

  observe(): AgentObservation {
    const evidence = this.agent.spec.suspend === true ? undefined : scrape(this.active, this.evidence, this.now);
    const { live } = this.gateway;
    const freeze = freezeAt(this.agent.spec.rollout?.freezes ?? [], this.now);
    return {
      now: this.now,
      agent: this.agent,
      desired: this.inputs === 'Missing' ? unresolved : { kind: 'Rendered', record: recordOf(this.wanted) },
      releases: [...this.releases.values()],
      runs: this.runs,
      suites,
      records: this.records,
      revisions: new Map([...this.pods].map(([revision, pods]) => [revision, stateOf(revision, pods)])),
      autoscalers: new Set(),
      routing: { api: 'Served', services: this.services, ...(live === undefined ? {} : { live }) },
      neighbours: this.choice.group + this.choice.dependsOn > 0 ? neighboursIn(this.neighbour) : new Map(),
      ...(freeze === undefined ? {} : { freeze }),
      ...(evidence === undefined ? {} : { evidence }),
    };
  }

  /** Sets the number of pods that a revision shall have, making its Deployment where there is none. */
  scale(revision: string, replicas: number): void {
    const pods = this.pods.get(revision) ?? { replicas: 0, ready: 0, restarts: 0, existing: 0, progress: 'CatchingUp' };
    this.pods.set(revision, { ...pods, replicas, ready: Math.min(pods.ready, replicas), existing: Math.max(pods.existing, replicas), progress: 'CatchingUp' });
  }

  /** `share` of the missing pods become ready, and those in excess go. */
  movePods(share: number): void {
    for (const [revision, pods] of this.pods) {
      const missing = this.dead.has(revision) ? 0 : pods.replicas - pods.ready;
      this.pods.set(revision, { ...pods, ready: pods.ready + Math.ceil(missing * share), existing: pods.replicas, progress: 'CaughtUp' });
    }
  }

  /** Pods die; new ones take their place when time passes. */
  kill(revision: string, count: number): void {
    const pods = this.pods.get(revision);
    if (pods !== undefined) this.pods.set(revision, { ...pods, ready: Math.max(0, pods.ready - count) });
  }

  restart(revision: string, times: number): void {
    const pods = this.pods.get(revision);
    if (pods !== undefined) this.pods.set(revision, { ...pods, restarts: pods.restarts + times });
  }

  /** Evaluation runs that have no verdict get one. */
  finishRuns(): void {
    for (const [name, run] of this.runs) {
      if (run.status?.finishedAt !== undefined || this.evaluation === 'Running') continue;
      this.runs.set(name, { ...run, status: { phase: this.evaluation, message: `suite ${this.evaluation}`, finishedAt: isoTime(this.now) } });
    }
  }
}

function recordOf(revision: string): RevisionRecord {
  return { agent: 'support', namespace: 'demo', revision, podTemplate: { spec: { containers: [] } } } as unknown as RevisionRecord;
}

function stateOf(revision: string, { replicas, ready, restarts, existing, progress }: Pods): RevisionState {
  // The first pod has all the crashes.
  const watched = Array.from({ length: existing }, (_, index) => ({ uid: `${revision}-${index}`, crashes: index === 0 ? restarts : 0, state: index < ready ? ('Up' as const) : ('Down' as const) }));
  return { revision, replicas, ready, watched, progress, pods: existing };
}
