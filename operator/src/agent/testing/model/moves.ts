import type { IntentVerb, Release } from '@sluice/crds';
import * as fc from 'fast-check';
import { readLedger } from '../../ledger/releases.ts';
import type { GatewayMood } from '../played-gateway.ts';
import { bounds } from './abstract-autoscalers.ts';
import type { AbstractCluster, EvaluationMood } from './abstract-cluster.ts';
import type { EvidenceMood } from './abstract-evidence.ts';
import type { NeighbourMood } from './neighbours.ts';
import { choices, type RolloutChoice } from './rollouts.ts';

/** Something that happens to the cluster from outside of the operator. */
export type Event =
  | { readonly kind: 'revision'; readonly revision: string }
  | { readonly kind: 'rollout'; readonly field: keyof RolloutChoice; readonly value: number }
  | { readonly kind: 'replicas' | 'autoscaling'; readonly value: number }
  | { readonly kind: 'load'; readonly of: 'stable' | 'canary'; readonly pods: number }
  | { readonly kind: 'suspend'; readonly value: boolean }
  | { readonly kind: 'turn'; readonly revision: string }
  | { readonly kind: 'inputs'; readonly value: AbstractCluster['inputs'] }
  | { readonly kind: 'evidence'; readonly value: EvidenceMood }
  | { readonly kind: 'evaluation'; readonly value: EvaluationMood }
  | { readonly kind: 'gateway'; readonly value: GatewayMood }
  | { readonly kind: 'neighbour'; readonly value: NeighbourMood }
  | { readonly kind: 'kill' | 'restart'; readonly of: 'stable' | 'canary'; readonly count: number }
  | { readonly kind: 'dead' | 'alive'; readonly revision: string }
  | { readonly kind: 'intent'; readonly verb: IntentVerb; readonly of: 'latest' | 'active' | 'serving' | 'oldest'; readonly revision: 'right' | 'stale'; readonly id: 'fresh' | 'repeated'; readonly to?: string };

/** One step of a history: things happen, the operator looks, and time passes. */
export interface Move {
  readonly events: readonly Event[];
  /** Milliseconds; below 0 when the next look is that of a machine whose clock is behind. */
  readonly ms: number;
  /** Of the missing pods, how many become ready meanwhile. */
  readonly share: number;
  /** Writes after which the operator dies; absent: it lives. */
  readonly dies?: number | undefined;
  /** What takes its time meanwhile. */
  readonly late: readonly Late[];
}

/** `Status`: the agent's status waits for what comes next, if it may. `Deployments`: their controller does nothing. `GarbageCollector`: what has lost its owner stays. */
export type Late = 'Status' | 'Deployments' | 'GarbageCollector';

export const revisions = ['a', 'b', 'c', 'd'] as const;
const revision = fc.constantFrom(...revisions);
type Asked = Pick<Extract<Event, { kind: 'intent' }>, 'verb' | 'of'>;
/** Mostly of a release that can do it, seldom of any. */
const wish: fc.Arbitrary<Asked> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ verb: fc.constantFrom<IntentVerb[]>('Promote', 'PromoteFull', 'Abort', 'Pause', 'Pause', 'Resume', 'Resume', 'Skip'), of: fc.constant('active' as const) }) },
  { weight: 3, arbitrary: fc.constantFrom<Asked[]>({ verb: 'Retry', of: 'latest' }, { verb: 'Undo', of: 'serving' }, { verb: 'Retry', of: 'serving' }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constantFrom<IntentVerb[]>('Promote', 'PromoteFull', 'Abort', 'Retry', 'Pause', 'Resume', 'Skip', 'Undo'), of: fc.constantFrom('latest' as const, 'active' as const, 'serving' as const, 'oldest' as const) }) },
);
const fields = fc.oneof({ weight: 2, arbitrary: fc.constantFrom<(keyof RolloutChoice)[]>('steps', 'approval', 'freezes') }, { weight: 1, arbitrary: fc.constantFrom(...(Object.keys(choices) as (keyof RolloutChoice)[])) });

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('revision' as const), revision }) },
  { weight: 6, arbitrary: fc.tuple(fields, fc.nat(11)).map(([field, value]): Event => ({ kind: 'rollout', field, value: value % choices[field] })) },
  { weight: 12, arbitrary: fc.tuple(wish, fc.record({ revision: fc.constantFrom('right' as const, 'right' as const, 'right' as const, 'right' as const, 'stale' as const), id: fc.constantFrom('fresh' as const, 'fresh' as const, 'fresh' as const, 'repeated' as const), to: revision }, { requiredKeys: ['revision', 'id'] })).map(([asked, rest]): Event => ({ kind: 'intent', ...asked, ...rest })) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('evidence' as const), value: fc.constantFrom<EvidenceMood[]>('good', 'good', 'bad', 'none', 'stale', 'outage') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('evaluation' as const), value: fc.constantFrom<EvaluationMood[]>('Passed', 'Passed', 'Failed', 'NotMeasured', 'Running') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('gateway' as const), value: fc.constantFrom<GatewayMood[]>('accepts', 'accepts', 'sleeps', 'refuses') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('kill' as const, 'restart' as const), of: fc.constantFrom('stable' as const, 'canary' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('dead' as const, 'alive' as const), revision }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('neighbour' as const), value: fc.constantFrom<NeighbourMood[]>('promoted', 'releasing', 'failed') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('suspend' as const), value: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('inputs' as const), value: fc.constantFrom('Readable' as const, 'Missing' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('turn' as const), revision }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('replicas' as const), value: fc.integer({ min: 0, max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('autoscaling' as const), value: fc.nat(bounds.length - 1) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('load' as const), of: fc.constantFrom('stable' as const, 'canary' as const), pods: fc.integer({ min: 1, max: 7 }) }) },
);

export const move: fc.Arbitrary<Move> = fc.record({
  events: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 5, arbitrary: event.map((one) => [one]) }, { weight: 2, arbitrary: fc.tuple(event, event) }),
  ms: fc.constantFrom(0, 1_000, 3_000, 5_000, 5_000, 10_000, 10_000, 20_000, 40_000, 300_000, 1_300_000, -20_000),
  share: fc.constantFrom(0, 0.4, 1, 1),
  dies: fc.option(fc.nat(5), { nil: undefined, freq: 3 }),
  late: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 2, arbitrary: fc.subarray<Late>(['Status', 'Deployments', 'GarbageCollector'], { minLength: 1 }) }),
});

const calm = { ms: 5_000, share: 1, late: [] } as const;
const promoted: readonly Move[] = Array.from({ length: 5 }, () => ({ events: [], ...calm }));
const asksForB: Move = { events: [{ kind: 'revision', revision: 'b' }], ...calm };

/** How histories begin: with nothing, with a revision that serves, or with a second one that has its first share of the traffic. */
export const beginnings: readonly (readonly Move[])[] = [[], promoted, [...promoted, asksForB, ...promoted.slice(2)]];

/** A release that waits for somebody to agree, whatever its objectives say. */
export const asksForApproval: readonly Move[] = [
  ...promoted,
  { events: [{ kind: 'rollout', field: 'approval', value: 1 }, { kind: 'rollout', field: 'steps', value: 2 }], ...calm },
  asksForB, ...promoted.slice(2),
];

/** What stops a release and lets it go on, one after the other and at once; and time, in which one ends and another begins. */
const stopping: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant('inputs' as const), value: fc.constantFrom('Readable' as const, 'Missing' as const) }),
  fc.record({ kind: fc.constant('suspend' as const), value: fc.boolean() }),
  fc.record({ kind: fc.constant('rollout' as const), field: fc.constant('freezes' as const), value: fc.nat(1) }),
  fc.record({ kind: fc.constant('evidence' as const), value: fc.constantFrom<EvidenceMood[]>('good', 'stale', 'partial', 'outage') }),
  fc.record({ kind: fc.constant('intent' as const), verb: fc.constantFrom<IntentVerb[]>('Pause', 'Resume', 'Promote'), of: fc.constant('active' as const), revision: fc.constant('right' as const), id: fc.constant('fresh' as const) }),
);

export const stoppingMove: fc.Arbitrary<Move> = fc.record({
  events: fc.oneof(fc.constant([]), stopping.map((one) => [one]), fc.tuple(stopping, stopping)),
  ms: fc.constantFrom(1_000, 10_000, 60_000, 300_000, 300_000, 600_000, 1_300_000),
  share: fc.constant(1),
  late: fc.constant([]),
});

/** Lets `happens` happen. */
export function perform(happens: Event, cluster: AbstractCluster): void {
  switch (happens.kind) {
    case 'revision':
      cluster.wanted = happens.revision;
      return cluster.edit({ agent: { ...cluster.agent.spec.agent, prompt: { inline: happens.revision } } });
    case 'rollout':
      return cluster.choose({ [happens.field]: happens.value });
    case 'replicas':
      return cluster.size({ replicas: happens.value });
    case 'autoscaling': {
      const autoscaling = bounds[happens.value];
      return cluster.size(autoscaling === undefined ? { replicas: 3 } : { autoscaling });
    }
    case 'load':
      return onRevision(happens.of, cluster, (name) => cluster.autoscale(name, happens.pods));
    case 'suspend':
      return cluster.edit({ suspend: happens.value });
    // To another revision, which names what is not there.
    case 'turn':
      perform({ ...happens, kind: 'revision' }, cluster);
      return perform({ kind: 'inputs', value: 'Missing' }, cluster);
    case 'inputs':
      cluster.inputs = happens.value;
      return;
    case 'evidence':
      cluster.evidence = happens.value;
      return;
    case 'evaluation':
      cluster.evaluation = happens.value;
      return;
    case 'gateway':
      cluster.gateway.mood = happens.value;
      return;
    case 'neighbour':
      cluster.neighbour = { mood: happens.value, since: cluster.now };
      return;
    case 'dead':
      cluster.dead.add(happens.revision);
      return;
    case 'alive':
      cluster.dead.delete(happens.revision);
      return;
    case 'kill':
    case 'restart':
      return onRevision(happens.of, cluster, (name) => (happens.kind === 'kill' ? cluster.kill(name, happens.count) : cluster.restart(name, happens.count)));
    case 'intent':
      return ask(happens, cluster);
  }
}

function onRevision(of: 'stable' | 'canary', { releases }: AbstractCluster, happens: (revision: string) => void): void {
  const { stableRevision, active } = readLedger([...releases.values()]);
  const name = of === 'stable' ? stableRevision : active?.spec.revision;
  if (name !== undefined) happens(name);
}

/** A person writes an intent into a Release. */
function ask({ verb: asked, of, revision: named, id, to }: Extract<Event, { kind: 'intent' }>, cluster: AbstractCluster): void {
  const release = target(of, cluster);
  if (release === undefined) return;
  const requestId = id === 'repeated' ? (release.status?.handledIntent?.requestId ?? 'first') : `wish-${cluster.agent.metadata.generation ?? 0}-${cluster.now}-${asked}`;
  const intent = { verb: asked, revision: named === 'right' ? release.spec.revision : 'z', requestId, by: 'alice', ...(to === undefined || asked !== 'Undo' ? {} : { toRevision: to }) };
  cluster.releases.set(release.metadata.name, { ...release, spec: { ...release.spec, intent } });
}

function target(of: 'latest' | 'active' | 'serving' | 'oldest', cluster: AbstractCluster): Release | undefined {
  const ledger = readLedger([...cluster.releases.values()]);
  return of === 'oldest' ? ledger.all[0] : ledger[of];
}
