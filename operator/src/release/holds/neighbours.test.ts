import type { AgentDeployment, Release, ReleaseStatus } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { sampleAgent } from '../../revision/testing/sample-agent.ts';
import { releaseIn, startedAt } from '../testing/observations.ts';
import { dependencyCycle, dependencyOf, groupFailure } from './neighbours.ts';
import type { Neighbours, NeighbourStanding } from './neighbours.ts';

const at = (minutes: number): string => new Date(startedAt + minutes * 60_000).toISOString();
const defaults = { maxDuration: '1h', progressDeadline: '5m', holdLimit: '24h', onSecretChange: 'Restart', historyLimit: 10 } as const;

interface Told {
  readonly dependsOn?: readonly string[];
  readonly group?: string;
  readonly standing?: NeighbourStanding;
  readonly releases?: readonly Release[];
}

function agent(name: string, { dependsOn = [], group }: Told = {}): AgentDeployment {
  const { status: _none, ...sample } = sampleAgent();
  return {
    ...sample,
    metadata: { ...sample.metadata, name, generation: 2 },
    spec: { ...sample.spec, rollout: { ...defaults, dependsOn: dependsOn.map((other) => ({ name: other })), ...(group === undefined ? {} : { group }) } },
  };
}

function among(others: Readonly<Record<string, Told>>): Neighbours {
  return new Map(Object.entries(others).map(([name, told]) => [name, { agent: agent(name, told), releases: told.releases ?? [], ...(told.standing === undefined ? {} : { standing: told.standing }) }]));
}

function release(status: ReleaseStatus, group?: string): Release {
  return releaseIn(status, { ...defaults, ...(group === undefined ? {} : { group }) });
}

const settled: NeighbourStanding = { wanted: { kind: 'Known', revision: 'a' }, promoted: 'a', oldPods: undefined };

describe('dependencyOf', () => {
  const waiting = agent('tickets', { dependsOn: ['search'] });
  it.each<readonly [string, Told | undefined, string | undefined]>([
    ['serves what its spec asks for', { standing: settled }, undefined],
    ['does not exist', undefined, 'there is no AgentDeployment of that name'],
    ['is in another shard, so that nobody sees it', undefined, "give both the same label sluice.dev/shard where it is another shard's"],
    ['is being released', { standing: settled, releases: [release({ phase: 'Shifting' })] }, 'its release support-2 is Shifting'],
    ['asks for another revision since a moment ago', { standing: { ...settled, wanted: { kind: 'Known', revision: 'b' } } }, 'what its spec asks for, revision b, is not promoted; kubectl sluice explain search says why'],
    ['was never promoted', { standing: { ...settled, promoted: undefined } }, 'revision a, is not promoted'],
    ['names a ConfigMap that is missing', { standing: { ...settled, wanted: { kind: 'Unknown', why: 'there is no ConfigMap "p"' } } }, `what its spec asks for can't be told: there is no ConfigMap "p"`],
    ['has pods of an older revision that still answer', { standing: { ...settled, oldPods: '2 pods of revision z' } }, 'pods of an older revision still answer (2 pods of revision z)'],
    ['was never looked at', {}, 'nobody knows yet what it serves'],
  ])('an agent that %s', (_name, told, says) => {
    const hindrance = dependencyOf(waiting, among(told === undefined ? {} : { search: told }));
    expect(hindrance === undefined).toBe(says === undefined);
    if (says !== undefined) expect(hindrance).toMatchObject({ reason: 'Dependency', message: expect.stringContaining(says) as string });
  });
});

describe('dependencyCycle', () => {
  it.each<readonly [string, Readonly<Record<string, readonly string[]>>, string | undefined]>([
    ['itself', { a: ['a'] }, 'a -> a'],
    ['each other', { a: ['b'], b: ['a'] }, 'a -> b -> a'],
    ['in a ring', { a: ['b'], b: ['c'], c: ['a'] }, 'a -> b -> c -> a'],
    ['a ring without it', { a: ['b'], b: ['c'], c: ['b'] }, undefined],
    ['a tree', { a: ['b', 'c'], b: ['d'], c: ['d'] }, undefined],
  ])('%s', (_name, graph, path) => {
    const [first, needs] = Object.entries(graph)[0]!;
    const neighbours = among(Object.fromEntries(Object.entries(graph).filter(([name]) => name !== first).map(([name, dependsOn]) => [name, { dependsOn }])));
    const veto = dependencyCycle(agent(first, { dependsOn: needs }), neighbours);
    expect(veto?.message.includes(`(${path})`)).toBe(path === undefined ? undefined : true);
  });
});

it('agents that depend on each other in layers are looked at once each: ways that part and meet again would double at every layer', () => {
  const layers = Array.from({ length: 200 }, (_, layer) => [`l${layer}-a`, `l${layer}-b`]);
  const graph = Object.fromEntries(layers.flatMap((names, layer) => names.map((name) => [name, { dependsOn: layers[layer + 1] ?? [] }])));
  const first = agent('first', { dependsOn: layers[0]! });
  expect(dependencyCycle(first, among(graph))).toBeUndefined();
  const back = dependencyCycle(first, among({ ...graph, 'l199-b': { dependsOn: ['first'] } }));
  expect(back?.message).toContain('-> l198-a -> l199-b -> first)');
});

describe('groupFailure', () => {
  const failed = (from: number, to: number, more: ReleaseStatus = {}): Release =>
    release({ phase: 'RolledBack', reason: 'ObjectiveFailed', message: 'too many errors', startedAt: at(from), transitions: [{ phase: 'RollingBack', at: at(to), reason: 'ObjectiveFailed', message: '' }], ...more }, 'g');
  const mine = (status: ReleaseStatus): Release => release({ phase: 'Shifting', startedAt: at(10), ...status }, 'g');
  it.each<readonly [string, Release, Told, boolean]>([
    ['fails while mine is on its way', mine({}), { group: 'g', releases: [failed(5, 20)] }, true],
    ['is rolling back', mine({}), { group: 'g', releases: [failed(5, 20, { phase: 'RollingBack' })] }, true],
    ['failed before mine began', mine({}), { group: 'g', releases: [failed(0, 5)] }, false],
    ['belongs to another group', mine({}), { group: 'h', releases: [failed(5, 20)] }, false],
    ['belongs to none', mine({}), { releases: [failed(5, 20)] }, false],
    ['was itself taken back for the group', mine({}), { group: 'g', releases: [failed(5, 20, { reason: 'GroupRolledBack' })] }, false],
    ...(['HoldLimitExceeded', 'DependencyCycle'] as const).map((reason) => [`went back for ${reason}, which says nothing against others`, mine({}), { group: 'g', releases: [failed(5, 20, { reason, transitions: [{ phase: 'RollingBack', at: at(20), reason, message: '' }] })] }, false] as const),
    ['was superseded', mine({}), { group: 'g', releases: [release({ phase: 'Superseded', startedAt: at(5), finishedAt: at(20) }, 'g')] }, false],
    ['fails after mine was promoted, having begun before', mine({ phase: 'Promoted', finishedAt: at(15) }), { group: 'g', releases: [failed(12, 20)] }, true],
    ['fails in a later change', mine({ phase: 'Promoted', finishedAt: at(15) }), { group: 'g', releases: [failed(30, 40)] }, false],
    ['was aborted by a person', mine({}), { group: 'g', releases: [failed(5, 20, { phase: 'Aborted', reason: 'Aborted', transitions: [{ phase: 'RollingBack', at: at(20), reason: 'Aborted', message: '' }] })] }, true],
    ['failed its evaluation', mine({}), { group: 'g', releases: [failed(5, 20, { reason: 'EvaluationFailed', transitions: [{ phase: 'RolledBack', at: at(20), reason: 'EvaluationFailed', message: '' }] })] }, true],
    ['failed, and was promoted with another since', mine({ phase: 'Promoted', finishedAt: at(15) }), { group: 'g', releases: [failed(12, 20), release({ phase: 'Promoted', startedAt: at(30), finishedAt: at(40) }, 'g')] }, false],
    ['failed while mine stood, and was promoted with another since', mine({}), { group: 'g', releases: [failed(5, 20), release({ phase: 'Promoted', startedAt: at(30), finishedAt: at(40) }, 'g')] }, false],
    ['failed, and is tried again', mine({}), { group: 'g', releases: [failed(5, 20), release({ phase: 'Shifting', startedAt: at(30) }, 'g')] }, true],
    ['failed, and what came after it was undone', mine({}), { group: 'g', releases: [failed(5, 20), release({ phase: 'Promoted', startedAt: at(30), finishedAt: at(40), undoTo: 'w' }, 'g')] }, true],
    ['failed, after another was promoted', mine({}), { group: 'g', releases: [release({ phase: 'Promoted', startedAt: at(-20), finishedAt: at(-10) }, 'g'), failed(5, 20)] }, true],
    ['failed twice, and was promoted between', mine({}), { group: 'g', releases: [failed(5, 20), release({ phase: 'Promoted', startedAt: at(30), finishedAt: at(40) }, 'g'), failed(50, 60)] }, true],
  ])('a neighbour that %s', (_name, own, told, back) => {
    const veto = groupFailure(agent('support', { group: 'g' }), own, among({ search: told }));
    expect(veto?.reason).toBe(back ? 'GroupRolledBack' : undefined);
    if (back) expect(veto?.message).toContain('of agent "search" failed, and both belong to group "g"');
  });

  it.each<readonly [string, Release, Release]>([
    ['both', release({ phase: 'Promoted', startedAt: at(10), finishedAt: at(15) }), release(failed(12, 20).status ?? {})],
    ['mine', release({ phase: 'Promoted', startedAt: at(10), finishedAt: at(15) }), failed(12, 20)],
    ['the other', mine({ phase: 'Promoted', finishedAt: at(15) }), release(failed(12, 20).status ?? {})],
    ['mine, which had another then', release({ phase: 'Promoted', startedAt: at(10), finishedAt: at(15) }, 'h'), failed(12, 20)],
  ])('a group that came after the releases takes nothing back: %s', (_name, own, other) => {
    expect(groupFailure(agent('support', { group: 'g' }), own, among({ search: { group: 'g', releases: [other] } }))).toBeUndefined();
  });

  it('a group that an edit on the way has given counts', () => {
    const edited = release({ phase: 'Shifting', startedAt: at(10), rollout: { ...defaults, group: 'g' } });
    expect(groupFailure(agent('support', { group: 'g' }), edited, among({ search: { group: 'g', releases: [failed(5, 20)] } }))?.reason).toBe('GroupRolledBack');
  });
});
