import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyOf, type KubeObject, type OwnerReference } from '../object.ts';
import { namespaces } from '../resources/core.ts';
import { configMaps } from '../resources/core.ts';
import { type Child, childId, type GarbageRules, judgeChildren } from './garbage-decision.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const LABEL = { key: 'app', value: 'ours' };
const OWNER = 'owner-uid';

function child(name: string, metadata: Partial<KubeObject['metadata']> = {}): Child {
  const object = {
    apiVersion: 'v1', kind: 'ConfigMap',
    metadata: { name, namespace: 'ns', uid: `uid-${name}`, resourceVersion: '1', labels: { app: 'ours' }, ownerReferences: [owned(OWNER)], creationTimestamp: '2026-11-21T11:00:00Z', ...metadata },
  };
  return { type: configMaps, object };
}

function owned(uid: string, controller = true): OwnerReference {
  return { apiVersion: 'v1', kind: 'Owner', name: 'o', uid, controller };
}

function rules(extra: Partial<GarbageRules> = {}): GarbageRules {
  return { label: LABEL, owner: { uid: OWNER }, desired: { state: 'complete', ids: new Set() }, nowMs: NOW, ...extra };
}

function verdictOf(one: Child, extra: Partial<GarbageRules> = {}): string | undefined {
  return judgeChildren([one], rules(extra))[0]?.verdict;
}

describe('judgeChildren', () => {
  it('gives up an owned, labelled child that nobody wants', () => {
    expect(verdictOf(child('a'))).toBe('garbage');
  });

  it.each([
    ['desired', child('a'), { desired: { state: 'complete', ids: new Set([childId(configMaps, { namespace: 'ns', name: 'a' })]) } }],
    ['undecided: desired incomplete', child('a'), { desired: { state: 'incomplete', why: 'no cache' } }],
    ['unlabelled', child('a', { labels: {} }), {}],
    ['unlabelled', child('a', { labels: { app: 'theirs' } }), {}],
    ['not owned', child('a', { ownerReferences: [] }), {}],
    ['not owned', child('a', { ownerReferences: [owned('former-uid')] }), {}],
    ['controlled by another', child('a', { ownerReferences: [owned(OWNER, false), owned('other')] }), {}],
    ['owned by others too', child('a', { ownerReferences: [owned(OWNER, false), owned('other', false)] }), {}],
    ['owned by others too', child('a', { ownerReferences: [owned('other', false), owned(OWNER)] }), {}],
    ['owned by others too', child('a', { ownerReferences: [owned('other', false)], labels: { app: 'ours', owner: OWNER } }), { owner: { uid: OWNER, uidLabel: 'owner' } }],
    ['deleting already', child('a', { deletionTimestamp: '2026-11-21T11:59:00Z' }), {}],
    ['young', child('a', { creationTimestamp: '2026-11-21T11:59:59Z' }), { graceMs: 60_000 }],
    ['young', child('a', { creationTimestamp: 'yesterday' }), { graceMs: 60_000 }],
    ['without uid or version', child('a', { uid: '' }), {}],
    ['without uid or version', child('a', { resourceVersion: '' }), {}],
  ] satisfies [string, Child, Partial<GarbageRules>][])('keeps what is %s', (verdict, one, extra) => {
    expect(verdictOf(one, extra)).toBe(verdict);
  });

  it('knows children without owner reference by a label with the uid, of cluster-scoped kinds too', () => {
    const metadata = { name: 'far', uid: 'u', resourceVersion: '1', labels: { app: 'ours', owner: OWNER } };
    const far: Child = { type: namespaces, object: { apiVersion: 'v1', kind: 'Namespace', metadata } };
    expect(verdictOf(far, { owner: { uid: OWNER, uidLabel: 'owner' } })).toBe('garbage');
    expect(verdictOf(far, { owner: { uid: 'other', uidLabel: 'owner' } })).toBe('not owned');
  });

  it('wants a desired child whoever owns it, and takes being named twice for being named once', () => {
    const shared = child('a', { ownerReferences: [owned(OWNER, false), owned('other', false)] });
    expect(verdictOf(shared, { desired: { state: 'complete', ids: new Set([childId(configMaps, keyOf(shared.object))]) } })).toBe('desired');
    expect(verdictOf(child('a', { ownerReferences: [owned(OWNER, false), owned(OWNER)] }))).toBe('garbage');
  });

  it('stops at the limit, always at the same place', () => {
    const verdicts = judgeChildren(['c', 'a', 'b'].map((name) => child(name)), rules({ limit: 2 })).map(({ object, verdict }) => `${object.metadata.name} ${verdict}`);
    expect(verdicts).toEqual(['a garbage', 'b garbage', 'c over the limit']);
  });

  it('refuses rules that would make everything garbage', () => {
    expect(() => judgeChildren([], rules({ owner: { uid: '' } }))).toThrow('owner.uid');
    expect(() => judgeChildren([], rules({ limit: -1 }))).toThrow('limit is -1');
    expect(() => judgeChildren([], rules({ graceMs: Number.NaN }))).toThrow('graceMs is NaN');
  });
});

const anyChild = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  labels: fc.constantFrom({ app: 'ours' }, { app: 'theirs' }, { app: 'ours', owner: OWNER }, {}),
  ownerReferences: fc.subarray([owned(OWNER), owned(OWNER, false), owned('other'), owned('other', false)]),
  deletionTimestamp: fc.option(fc.constant('2026-11-21T11:59:00Z'), { nil: undefined }),
  creationTimestamp: fc.option(fc.constantFrom('2026-11-21T11:59:59Z', '2026-11-20T00:00:00Z', 'nonsense'), { nil: undefined }),
  uid: fc.option(fc.constant('u'), { nil: undefined }),
  resourceVersion: fc.option(fc.constant('7'), { nil: undefined }),
}).map(({ name, ...metadata }) => child(name, metadata as Partial<KubeObject['metadata']>));

const anyRules = fc.record({
  ids: fc.subarray(['a', 'b', 'c', 'd', 'e']), limit: fc.option(fc.nat(4), { nil: undefined }), graceMs: fc.constantFrom(0, 60_000),
  uidLabel: fc.option(fc.constant('owner'), { nil: undefined }),
}).map(({ ids, limit, graceMs, uidLabel }): GarbageRules => rules({
  owner: { uid: OWNER, ...(uidLabel === undefined ? {} : { uidLabel }) }, graceMs, ...(limit === undefined ? {} : { limit }),
  desired: { state: 'complete', ids: new Set(ids.map((name) => childId(configMaps, { namespace: 'ns', name }))) },
}));

describe('judgeChildren, whatever it is given', () => {
  it('gives up only what is labelled, ours, unwanted, alive, old enough and complete, and no more than the limit', () => {
    fc.assert(fc.property(fc.array(anyChild, { maxLength: 12 }), anyRules, (children, given) => {
      const garbage = judgeChildren(children, given).filter(({ verdict }) => verdict === 'garbage');
      expect(garbage.length).toBeLessThanOrEqual(given.limit ?? Infinity);
      for (const { type, object } of garbage) {
        const { metadata } = object;
        expect(metadata.labels?.['app']).toBe('ours');
        const uids = (metadata.ownerReferences ?? []).map(({ uid }) => uid);
        expect(uids.includes(OWNER) || (given.owner.uidLabel !== undefined && metadata.labels?.['owner'] === OWNER)).toBe(true);
        // As Kubernetes' own collector: one owner that may live keeps its dependents, controller or not.
        expect(uids.filter((uid) => uid !== OWNER)).toEqual([]);
        expect(given.desired.state === 'complete' && given.desired.ids.has(childId(type, keyOf(object)))).toBe(false);
        expect(metadata.deletionTimestamp).toBeUndefined();
        expect(metadata.uid && metadata.resourceVersion).toBeTruthy();
        if (given.graceMs) expect(metadata.creationTimestamp).toBe('2026-11-20T00:00:00Z');
      }
    }), { numRuns: 10_000 });
  });

  it('gives up nothing while the desired children are not known, and judges each child once', () => {
    fc.assert(fc.property(fc.array(anyChild, { maxLength: 12 }), anyRules, (children, given) => {
      const judged = judgeChildren(children, { ...given, desired: { state: 'incomplete', why: 'a cache is cold' } });
      expect(judged).toHaveLength(children.length);
      expect(judged.some(({ verdict }) => verdict === 'garbage')).toBe(false);
    }), { numRuns: 2_000 });
  });

  it('does not depend on the order of its input as to how many go', () => {
    fc.assert(fc.property(fc.array(anyChild, { maxLength: 12 }), anyRules, (children, given) => {
      const goes = (some: readonly Child[]) => judgeChildren(some, given).filter(({ verdict }) => verdict === 'garbage').length;
      expect(goes(children.toReversed())).toBe(goes(children));
    }), { numRuns: 2_000 });
  });
});
