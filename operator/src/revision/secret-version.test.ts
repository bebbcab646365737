import type { KubeObject } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { versionedSecret } from './secret-version.ts';

const created = { manager: 'kubectl-create', operation: 'Update', time: '2026-11-21T10:00:00Z', fieldsV1: { 'f:data': { '.': {}, 'f:key': {} }, 'f:type': {} } };
const rotated = { ...created, time: '2026-11-21T11:00:00Z' };
const labelled = { manager: 'kubectl-label', operation: 'Update', time: '2026-11-21T12:00:00Z', fieldsV1: { 'f:metadata': { 'f:labels': { 'f:team': {} } } } };

function secret(managedFields: unknown[], metadata: Partial<KubeObject['metadata']> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key', namespace: 'shop', uid: 'u1', resourceVersion: '7', managedFields, ...metadata } };
}
const seenAt = Date.parse('2026-11-22T00:00:00Z');
const seen = (...args: Parameters<typeof secret>) => versionedSecret(secret(...args), seenAt);
const version = (...args: Parameters<typeof secret>) => seen(...args).version;

describe('the version of a Secret', () => {
  it.each<[string, Parameters<typeof secret>]>([
    ['the data is written again', [[rotated]]],
    ['somebody else writes data', [[created, { ...rotated, manager: 'vault' }]]],
    ['it is applied and no more updated', [[{ ...created, operation: 'Apply' }]]],
    ['it has another key', [[{ ...created, fieldsV1: { 'f:data': { 'f:key': {}, 'f:other': {} } } }]]],
    ['it is deleted and made anew', [[created], { uid: 'u2' }]],
  ])('changes when %s', (_, args) => {
    expect(version(...args)).not.toBe(version([created]));
  });

  it.each<[string, Parameters<typeof secret>]>([
    ['a label is changed by another hand', [[created, labelled], { resourceVersion: '8', labels: { team: 'a' } }]],
    ['an annotation is changed', [[created], { resourceVersion: '8', annotations: { note: 'x' } }]],
    ['entries come in another order', [[labelled, created]]],
    ['a list brings it again after a change of etcd leaders', [[created], { resourceVersion: '900' }]],
    ['an entry cannot be read', [[created, null, 7]]],
  ])('stays when %s', (_, args) => {
    expect(version(...args)).toBe(version([created]));
  });

  it('follows the resourceVersion where nobody is said to have written data', () => {
    expect(version([])).toBe(version([]));
    expect(version([], { resourceVersion: '8' })).not.toBe(version([]));
    expect(version([labelled], { resourceVersion: '8' })).not.toBe(version([labelled]));
  });
});

it('keeps nothing that could hold a value: kubectl apply leaves a whole copy in an annotation', () => {
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"key":"c2stMQ=="}}' };
  const kept = versionedSecret({ ...secret([created], { annotations, labels: { team: 'a' } }), data: { key: 'c2stMQ==' } } as KubeObject, seenAt);
  expect(kept).toEqual({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key', namespace: 'shop', uid: 'u1', resourceVersion: '7' }, version: expect.stringMatching(/^[0-9a-f]{12}$/) as string, sighting: expect.stringMatching(/^7\+[0-9a-f]{6}$/) as string, writtenAt: Date.parse(created.time) });
});

describe('a second write in the same second', () => {
  const written = { ...created, time: '2026-11-22T00:00:00Z' };

  it('by the same manager has the same version, and another sighting', () => {
    const [first, second] = [seen([written]), seen([written], { resourceVersion: '8' })];
    expect(second.version).toBe(first.version);
    expect(second.sighting).not.toBe(first.sighting);
  });

  it.each<[string, string, number | undefined]>([
    ['has just been made', '2026-11-22T00:00:00Z', 3_000],
    ['has been made by a clock that goes ahead', '2026-11-22T00:05:00Z', 3_000],
    ['has no time that can be read', 'yesterday', 3_000],
    ['was made a minute ago', '2026-11-21T23:58:59Z', undefined],
  ])('is looked out for where a write %s', (_, time, wait) => {
    expect(seen([{ ...written, time }]).unsettledUntil).toBe(wait === undefined ? undefined : seenAt + wait);
  });

  it('is seen at once where the version is that of the whole object', () => {
    expect(seen([{ ...labelled, time: written.time }])).not.toHaveProperty('unsettledUntil');
  });
});
