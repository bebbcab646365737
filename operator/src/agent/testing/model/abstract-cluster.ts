import { freezeAt } from '../../../release/holds/freeze.ts';
import { type AgentDeployment, type EvalRun, type EvalSuite, type Release, untold } from '@sluice/crds';
import { isoTime } from '../../../evidence/clock-time.ts';
import { isTerminal } from '../../../release/decision.ts';
import { policyNameOf } from '../../../children/index.ts';
import type { RevisionRecord } from '../../../revision/index.ts';
import type { Router } from '../../../traffic/plan-traffic.ts';
import { readLedger } from '../../ledger/releases.ts';
import type { AgentObservation, DesiredRevision, RevisionState } from '../../observation.ts';
import { AbstractAutoscalers } from './abstract-autoscalers.ts';
import { AbstractGateway } from './abstract-gateway.ts';
import { type EvidenceMood, scrape } from './abstract-evidence.ts';
import type { Late } from './moves.ts';
import { neighboursIn, type NeighbourState } from './neighbours.ts';
import { plainRollout, type RolloutChoice, rolloutOf } from './rollouts.ts';

export type EvaluationMood = 'Passed' | 'Failed' | 'NotMeasured' | 'Running';

interface Pods {
  readonly replicas: number;
  readonly ready: number;
  readonly restarts: number;
  /** Pods that are seen, those on their way out included. */
  readonly existing: number;
  /** Pods that there are or that a ReplicaSet may still make: its controller has not heard of the latest number. */
  readonly owed: number;
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
  /** Pods whose Deployment was removed, by revision; each still has to drain, and those that were made late are seen late. */
  readonly orphans = new Map<string, { readonly pods: number; readonly seen: number }>();
  /** NetworkPolicies that the operator's process has seen unused, by name: since when, milliseconds of a clock that only goes forward. */
  readonly #unusedSince = new Map<string, number>();
  #elapsed = 0;
  /** NetworkPolicies, by name. */
  readonly policies = new Set<string>();
  readonly services = new Set<string>();
  readonly gateway = new AbstractGateway();
  readonly autoscalers = new AbstractAutoscalers();
  /** What the HPA gave the revision that serves, last. */
  #given = 0;
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
        agent: { image: 'example.com/runtime:1', model: { providerRef: { name: 'anthropic' }, name: 'claude' }, prompt: { inline: 'a' }, limits: { requestTimeout: '1s', maxConcurrentRequests: 16, maxQueuedRequests: 64, maxModelTurns: 8, maxInputCharacters: 32_768 } },
        replicas: 3,
        rollout: rolloutOf(plainRollout, router),
        ...(router === 'Gateway' ? { route: { parentRefs: [{ name: 'public' }], pathPrefix: '/support' } } : {}),
      },
      status: untold,
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

  /** A user says how many pods serve: so many, or as many as an HPA finds right. */
  size({ autoscaling, replicas }: Pick<AgentDeployment['spec'], 'autoscaling' | 'replicas'>): void {
    const { autoscaling: _bounds, replicas: _fixed, ...spec } = this.agent.spec;
    this.agent = { ...this.agent, spec };
    if (autoscaling === undefined) this.#given = 0;
    this.edit(autoscaling === undefined ? { replicas: replicas ?? 0 } : { autoscaling });
  }

  /** Pods that all the traffic needs: what the spec says, or what the HPA of the revision that serves gave it last. */
  get capacity(): number {
    const { autoscaling, replicas = 0 } = this.agent.spec;
    return autoscaling === undefined ? replicas : Math.min(autoscaling.maxReplicas, Math.max(autoscaling.minReplicas, this.#given));
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
      standing: this.#standing(),
      policies: this.#policies(),
      seen: { deployments: new Map(), policies: new Map() },
      autoscalers: this.autoscalers.revisions,
      routing: { api: 'Served', services: this.services, ...(live === undefined ? {} : { live }) },
      neighbours: this.choice.group + this.choice.dependsOn > 0 ? neighboursIn(this.neighbour) : new Map(),
      ...(freeze === undefined ? {} : { freeze }),
      ...(evidence === undefined ? {} : { evidence }),
    };
  }

  #policies(): AgentObservation['policies'] {
    const of = (revisions: Iterable<string>, name: string) => [...revisions].filter((revision) => policyOf(revision) === name);
    const existing = (revision: string): number => (this.pods.get(revision)?.existing ?? 0) + (this.orphans.get(revision)?.seen ?? 0);
    return [...this.policies].map((name) => {
      const revisions = of(this.pods.keys(), name);
      const pods = of(new Set([...this.pods.keys(), ...this.orphans.keys()]), name).reduce((sum, revision) => sum + existing(revision), 0);
      const since = revisions.length + pods > 0 ? this.#elapsed : (this.#unusedSince.get(name) ?? this.#elapsed);
      this.#unusedSince.set(name, since);
      return { name, revisions, pods, unusedMs: this.#elapsed - since };
    });
  }

  #standing(): AgentObservation['standing'] {
    const own = [...this.pods].map(([revision, { existing, ready }]) => [revision, { pods: existing, ready }] as const);
    const orphaned = [...this.orphans].map(([revision, { seen }]) => [revision, { pods: seen, ready: seen }] as const);
    return new Map([...orphaned, ...own].filter(([, { pods }]) => pods > 0));
  }

  /** Milliseconds of a clock that only goes forward. */
  get elapsed(): number {
    return this.#elapsed;
  }

  /** `ms` below 0: the wall clock of the machine that looks next is behind. */
  wait(ms: number): void {
    this.now += ms;
    this.#elapsed += Math.max(0, ms);
  }

  /** The operator's process ends; the next one knows what is stored. */
  forgetProcess(): void {
    this.#unusedSince.clear();
  }

  /** The Deployment goes; its pods go after it. */
  remove(revision: string): void {
    const { existing = 0, owed = 0 } = this.pods.get(revision) ?? {};
    const { pods, seen } = this.orphans.get(revision) ?? { pods: 0, seen: 0 };
    this.pods.delete(revision);
    if (pods + owed > 0) this.orphans.set(revision, { pods: pods + owed, seen: seen + existing });
  }

  /** Sets the number of pods that a revision shall have, making its Deployment where there is none. */
  scale(revision: string, replicas: number): void {
    const pods = this.pods.get(revision) ?? { replicas: 0, ready: 0, restarts: 0, existing: 0, owed: 0, progress: 'CatchingUp' };
    this.pods.set(revision, { ...pods, replicas, ready: Math.min(pods.ready, replicas), owed: Math.max(pods.owed, replicas), progress: 'CatchingUp' });
  }

  /** The HPA of a revision, where it has one, finds that the load asks for so many pods. */
  autoscale(revision: string, wanted: number): void {
    const { replicas = 0 } = this.pods.get(revision) ?? {};
    const scaled = this.autoscalers.scaled(revision, { replicas, wanted });
    if (scaled !== replicas) this.scale(revision, scaled);
    if (this.autoscalers.boundsOf(revision) !== undefined && revision === readLedger([...this.releases.values()]).stableRevision) this.#given = scaled;
  }

  /** `share` of the missing pods become ready, and those in excess go; nothing of that by a controller that is late. */
  movePods(share: number, late: readonly Late[] = []): void {
    this.#collect(late.includes('GarbageCollector') ? 0 : share);
    for (const [revision, { replicas }] of this.pods) this.autoscale(revision, replicas);
    if (late.includes('Deployments')) return;
    for (const [revision, pods] of this.pods) {
      const missing = this.dead.has(revision) ? 0 : pods.replicas - pods.ready;
      this.pods.set(revision, { ...pods, ready: pods.ready + Math.ceil(missing * share), existing: pods.replicas, owed: share > 0 ? pods.replicas : Math.max(pods.owed, pods.replicas), progress: 'CaughtUp' });
    }
  }

  #collect(share: number): void {
    for (const [revision, { pods, seen }] of this.orphans) {
      const left = seen < pods ? pods : Math.floor(pods * (1 - share));
      if (left === 0) this.orphans.delete(revision);
      else this.orphans.set(revision, { pods: left, seen: left });
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

/** Two kinds of tools, so that some revisions share their rules of the network and some do not. */
function recordOf(revision: string): RevisionRecord {
  const egress = [{ cidr: '10.0.0.0/8', except: [], ports: [revision.charCodeAt(0) % 2 === 0 ? 443 : 8443] }];
  const bundle = { prompt: revision, model: { name: 'claude', parameters: {} }, tools: [], limits: {} };
  return { agent: 'support', namespace: 'demo', revision, egress, bundle, podTemplate: { spec: { containers: [] } } } as unknown as RevisionRecord;
}

/** Name of the NetworkPolicy of a revision's pods. */
export function policyOf(revision: string): string {
  return policyNameOf(recordOf(revision));
}

function stateOf(revision: string, { replicas, ready, restarts, existing, progress }: Pods): RevisionState {
  // The first pod has all the crashes.
  const watched = Array.from({ length: existing }, (_, index) => ({ uid: `${revision}-${index}`, crashes: index === 0 ? restarts : 0, state: index < ready ? ('Up' as const) : ('Down' as const) }));
  return { revision, replicas, ready, watched, progress, ...(progress === 'CatchingUp' ? { awaits: 'Controllers' as const } : {}), pods: existing };
}
