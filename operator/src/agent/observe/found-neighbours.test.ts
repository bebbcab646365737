import type { AgentDeployment, Release } from '@sluice/crds';
import type { KubeObject, Pod, Store } from '@sluice/kube';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byAgent } from '../../caches.ts';
import { byReference, namedByAgent } from '../../reference-index.ts';
import { dependencyCycle, dependencyOf, groupFailure, type Neighbours } from '../../release/holds/neighbours.ts';
import { releaseIn } from '../../release/testing/observations.ts';
import { sampleAgent, sampleRecord } from '../../revision/testing/sample-agent.ts';
import { neighboursOf, type NeighbourSource } from './neighbours.ts';

interface Named {
  readonly name: string;
  readonly dependsOn: readonly string[];
  readonly group?: string | undefined;
  /** Whether its release failed. */
  readonly failed: boolean;
}

const rollout = { maxDuration: '1h', progressDeadline: '5m', holdLimit: '24h', onSecretChange: 'Restart', historyLimit: 10 } as const;
const at = '2026-11-21T10:30:00.000Z';

function agentOf({ name, dependsOn, group }: Named): AgentDeployment {
  const sample = sampleAgent();
  const owns = { ...sample.metadata, name, uid: `uid-${name}` };
  return { ...sample, metadata: owns, spec: { ...sample.spec, rollout: { ...rollout, ...(dependsOn.length === 0 ? {} : { dependsOn: dependsOn.map((other) => ({ name: other })) }), ...(group === undefined ? {} : { group }) } } };
}

function releaseOf({ name, group, failed }: Named): Release {
  const release = releaseIn(failed ? { phase: 'RolledBack', reason: 'ObjectiveFailed', transitions: [{ phase: 'RollingBack', reason: 'ObjectiveFailed', at, message: '' }] } : { phase: 'Promoted' });
  const owner = { apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', name, uid: `uid-${name}`, controller: true };
  return { ...release, metadata: { ...release.metadata, name: `${name}-1`, namespace: sampleAgent().metadata.namespace!, ownerReferences: [owner] }, spec: { ...release.spec, agentName: name, rollout: { ...rollout, ...(group === undefined ? {} : { group }) } } };
}

/** A store that counts the objects which are handed out, and can't be gone through. */
class CountedStore<T extends KubeObject> implements Store<T> {
  readonly resourceVersion = '1';
  readonly #objects: readonly T[];
  readonly #indexes: Readonly<Record<string, (object: T) => readonly string[]>>;
  read = 0;

  constructor(objects: readonly T[], indexes: Readonly<Record<string, (object: T) => readonly string[]>>) {
    this.#objects = objects;
    this.#indexes = indexes;
  }

  get size(): number {
    return this.#objects.length;
  }

  get({ name }: { readonly name: string }): T | undefined {
    return this.#count(this.#objects.filter(({ metadata }) => metadata.name === name))[0];
  }

  list(): T[] {
    return this.#count([...this.#objects]);
  }

  keys(): never {
    throw new Error('all agents were gone through');
  }

  byIndex(index: string, value: string): T[] {
    return this.#count(this.#objects.filter((object) => this.#indexes[index]?.(object).includes(value)));
  }

  #count(found: T[]): T[] {
    this.read += found.length;
    return found;
  }
}

function cachesOf(all: readonly Named[]) {
  const keyOf = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`;
  const agents = new CountedStore<AgentDeployment>(all.map(agentOf), { [byReference]: namedByAgent });
  const releases = new CountedStore<Release>(all.map(releaseOf), { [byAgent]: ({ metadata, spec }) => [keyOf(metadata.namespace, spec.agentName)] });
  return { agents: { store: agents }, releases: { store: releases }, pods: { store: new CountedStore<Pod>([], { [byAgent]: () => [] }) } };
}

const desired: NeighbourSource['desired'] = () => ({ kind: 'Rendered', record: { ...sampleRecord(), revision: 'new' } });

/** What the agent's release would wait for, end by, and go back with. */
function judged(agent: AgentDeployment, neighbours: Neighbours) {
  const own = releaseOf({ name: agent.metadata.name, dependsOn: [], group: agent.spec.rollout?.group, failed: false });
  return [dependencyOf(agent, neighbours), dependencyCycle(agent, neighbours), groupFailure(agent, own, neighbours)];
}

describe('the neighbours of an agent', () => {
  it.each<readonly [string, Omit<Named, 'name' | 'failed'>, number]>([
    ['of a group of three', { dependsOn: [], group: 'shop' }, 3],
    ['that depends on one, which depends on another', { dependsOn: ['a'] }, 2],
    ['without any', { dependsOn: [] }, 0],
  ])('%s are found without a look at the 2,000 others of the namespace', (_name, own, agents) => {
    const strangers = Array.from({ length: 2_000 }, (_, index): Named => ({ name: `stranger-${index}`, dependsOn: [`stranger-${index + 1}`], group: 'other', failed: true }));
    const near: readonly Named[] = [{ name: 'a', dependsOn: ['b'], group: 'shop', failed: false }, { name: 'b', dependsOn: [], group: 'shop', failed: false }];
    const self: Named = { name: 'self', failed: false, ...own };
    const caches = cachesOf([self, ...near, ...strangers]);
    const neighbours = neighboursOf(agentOf(self), { caches, desired });
    expect([...neighbours.keys()].toSorted()).toEqual(agents === 0 ? [] : ['a', 'b']);
    expect(caches.agents.store.read).toBeLessThanOrEqual(agents);
    expect(caches.releases.store.read).toBeLessThanOrEqual(2);
  });

  it('are all that count: whatever the others are, it is decided as by a look at all of them', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
    const named = (name: string): fc.Arbitrary<Named> =>
      fc.record({ name: fc.constant(name), dependsOn: fc.uniqueArray(fc.constantFrom(...names, 'nobody'), { maxLength: 3 }), group: fc.constantFrom(undefined, 'shop', 'bank'), failed: fc.boolean() });
    fc.assert(fc.property(fc.tuple(...names.map(named)), (all) => {
      const agent = agentOf(all[0]!);
      const caches = cachesOf(all);
      const found = neighboursOf(agent, { caches, desired });
      const needed = new Set(all[0]!.dependsOn);
      const everybody: Neighbours = new Map(all.slice(1).map((each) => {
        const known = found.get(each.name)?.standing;
        if (needed.has(each.name)) expect(known).toBeDefined();
        return [each.name, { agent: agentOf(each), releases: [releaseOf(each)], ...(known === undefined ? {} : { standing: known }) }];
      }));
      const [dependency, cycle, failure] = judged(agent, everybody);
      const now = judged(agent, found);
      expect(now.slice(0, 2)).toEqual([dependency, cycle]);
      // Where several failed, any of them takes it back.
      expect(now[2]?.reason).toBe(failure?.reason);
    }), { numRuns: 300 });
  });
});
