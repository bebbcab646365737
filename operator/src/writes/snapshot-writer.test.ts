import { type ConfigMap, configMaps, type KubeObject } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { contentDigest, withDigestedBinaryData } from '../revision/index.ts';
import { MemoryCluster } from '../agent/testing/memory-cluster.ts';
import { sampleOwner } from '../revision/testing/sample-agent.ts';
import { ChildWriter } from './child-writer.ts';
import { OvertakenError } from './overtaken.ts';
import { ForeignObjectError } from './ownership.ts';
import { writeSnapshot } from './snapshot-writer.ts';

const key = { namespace: 'shop', name: 'support-0123456789-settings' };
const source = (data: Record<string, string>, binaryData: Record<string, string>): ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'shop', name: 'settings' }, data, binaryData });
const judged = source({ a: '1' }, { b: 'AAAA' });
const snapshot = { agent: 'support', namespace: 'shop', revision: '0123456789', source: 'settings', keys: 'All', digest: contentDigest(judged) } as const;
const call = { signal: new AbortController().signal };

function write(cluster: MemoryCluster, content: ConfigMap): Promise<void> {
  return writeSnapshot({ snapshot, content }, { client: cluster.client, children: new ChildWriter({ client: cluster.client }), owner: sampleOwner }, call);
}

function clusterWith(...objects: KubeObject[]): MemoryCluster {
  const cluster = new MemoryCluster();
  for (const object of objects) cluster.put(configMaps, object);
  return cluster;
}

describe('a copy of a ConfigMap', () => {
  it('has its binary values from the API server, where the cache has digests alone', async () => {
    const cluster = clusterWith(judged);
    await write(cluster, withDigestedBinaryData(judged));
    expect(cluster.find(configMaps, key)).toMatchObject({ immutable: true, data: { a: '1' }, binaryData: { b: 'AAAA' } });
  });

  it('may be written again', async () => {
    const cluster = clusterWith(judged);
    await write(cluster, judged);
    const { resourceVersion } = cluster.find(configMaps, key)!.metadata;
    await write(cluster, judged);
    expect(cluster.find(configMaps, key)?.metadata.resourceVersion).toBe(resourceVersion);
  });

  it.each([
    ['has changed since', source({ a: '1' }, { b: 'BBBB' })],
    ['is gone', { ...judged, metadata: { namespace: 'shop', name: 'other' } }],
  ])('is not made of anything but what was judged: the ConfigMap %s', async (_, live) => {
    const cluster = clusterWith(live);
    await expect(write(cluster, withDigestedBinaryData(judged))).rejects.toThrow(OvertakenError);
    await expect(write(cluster, source({ a: '2' }, {}))).rejects.toThrow(OvertakenError);
    expect(cluster.find(configMaps, key)).toBeUndefined();
  });

  it('takes the place of one that holds something else, and not of an object of somebody else', async () => {
    const forged = { ...source({ a: 'forged' }, {}), metadata: { ...key, ownerReferences: [sampleOwner] } };
    const cluster = clusterWith(forged);
    await expect(write(cluster, judged)).rejects.toThrow(OvertakenError);
    await write(cluster, judged);
    expect(cluster.find(configMaps, key)).toMatchObject({ data: { a: '1' } });
    const foreign = clusterWith({ ...forged, metadata: { ...key, ownerReferences: [{ ...sampleOwner, kind: 'Other', uid: 'other' }] } });
    await expect(write(foreign, judged)).rejects.toThrow(ForeignObjectError);
    expect(foreign.find(configMaps, key)).toMatchObject({ data: { a: 'forged' } });
  });
});
