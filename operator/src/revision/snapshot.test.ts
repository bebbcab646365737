import { describe, expect, it } from 'vitest';
import { contentDigest, withDigestedBinaryData } from './config-map-content.ts';
import { snapshotConfigMap, snapshotName } from './snapshot.ts';
import { sampleOwner } from './testing/sample-agent.ts';

const revision = '0123456789';
const source = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'shop', labels: { mine: 'yes' } }, data: { a: '1', b: '2' }, binaryData: { c: 'AAAA' } };
const snapshot = { agent: 'support', namespace: 'shop', revision, source: 'settings', keys: 'All', digest: contentDigest(source) } as const;

describe('snapshotConfigMap', () => {
  it('is immutable, owned by the agent, labelled with the revision, and holds the content', () => {
    expect(snapshotConfigMap(snapshot, source, sampleOwner)).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: `support-${revision}-settings`,
        namespace: 'shop',
        labels: {
          'app.kubernetes.io/name': 'support', 'app.kubernetes.io/component': 'agent', 'app.kubernetes.io/managed-by': 'sluice',
          'sluice.dev/agent': 'support', 'sluice.dev/revision': revision,
        },
        annotations: { 'sluice.dev/snapshot-of': 'settings' },
        ownerReferences: [sampleOwner],
      },
      immutable: true,
      data: { a: '1', b: '2' },
      binaryData: { c: 'AAAA' },
    });
  });

  it('holds no more than the keys that are used', () => {
    const { data, binaryData } = snapshotConfigMap({ ...snapshot, keys: ['b', 'absent'] }, source, sampleOwner);
    expect([data, binaryData]).toEqual([{ b: '2' }, undefined]);
  });

  it('is not made of a cached ConfigMap whose binary values are gone', () => {
    expect(() => snapshotConfigMap(snapshot, withDigestedBinaryData(source), sampleOwner)).toThrow(/read it from the API server/);
  });

  it('has the digest of what it is a copy of, cached or not', () => {
    for (const keys of ['All', ['a'], ['c'], ['a', 'c', 'absent']] as const) {
      const copy = snapshotConfigMap({ ...snapshot, keys }, source, sampleOwner);
      const digests = [contentDigest(source, keys), contentDigest(withDigestedBinaryData(source), keys), contentDigest(copy), contentDigest(withDigestedBinaryData(copy))];
      expect(new Set(digests).size).toBe(1);
    }
  });
});

describe('snapshotName', () => {
  const agent = 'a'.repeat(63);
  it('fits for every name, and different names stay different', () => {
    const names = [...Array(253).keys()].map((index) => snapshotName(agent, revision, 'x'.repeat(index + 1)));
    expect(new Set(names).size).toBe(names.length);
    expect(Math.max(...names.map((name) => name.length))).toBe(253);
  });

  it('is a DNS name wherever the cut falls', () => {
    for (let dots = 0; dots < 40; dots += 1) {
      expect(snapshotName(agent, revision, `${'x'.repeat(200 - dots)}${'.y-z'.repeat(13)}`.slice(0, 253))).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
    }
  });

  it('is cut the same before the revision has its name', () => {
    const long = 'y'.repeat(250);
    expect(snapshotName(agent, revision, long).replace(revision, '')).toBe(snapshotName(agent, '', long));
  });
});
