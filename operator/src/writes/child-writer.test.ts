import { type Deployment, deployments, type KubeObject, KubeError, services } from '@sluice/kube';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryCluster } from '../agent/testing/memory-cluster.ts';
import { agentService, revisionDeployment } from '../children/index.ts';
import { sampleOwner, sampleRecord } from '../revision/testing/sample-agent.ts';
import { ChildWriter } from './child-writer.ts';
import { ForeignObjectError, FormerObjectError } from './ownership.ts';
import { isOvertaken, lookAgainIfOvertaken } from './overtaken.ts';

const call = { signal: new AbortController().signal };
const desired = revisionDeployment(sampleRecord(), sampleOwner);
const initial: Deployment = { ...desired, spec: { ...desired.spec, replicas: 2 } };
const service = agentService({ agent: 'support', namespace: desired.metadata.namespace ?? '' }, sampleOwner);

let cluster: MemoryCluster;
let writer: ChildWriter;

beforeEach(() => {
  cluster = new MemoryCluster();
  writer = new ChildWriter({ client: cluster.client });
});

const only = (kind: string) => cluster.list(kind)[0] as Deployment;
const seen = () => cluster.put(deployments, initial) as Deployment;
const put = (object: KubeObject, change: object) => cluster.put(deployments, { ...object, ...change }) as Deployment;

function paused(deployment: Deployment): Deployment {
  const spec = { ...deployment.spec, paused: true };
  return { ...deployment, spec };
}

async function outcomeOf(write: Promise<unknown>): Promise<string> {
  return write.then(() => 'made', (error: unknown) => (isOvertaken(error) ? 'overtaken' : String(error)));
}

describe('a write that comes late, after somebody else has written', () => {
  it.each([
    ['scaled', (found: Deployment) => writer.scale(found, 0, call)],
    ['deleted', (found: Deployment) => writer.remove(deployments, { object: found, ownerUid: sampleOwner.uid }, call)],
    ['put right', (found: Deployment) => writer.putRight(deployments, { cached: found, desired: { ...desired, metadata: { ...desired.metadata, labels: { old: 'plan' } } } }, call)],
    ['put back whole', (found: Deployment) => writer.putRight(deployments, { cached: paused(found), desired }, call)],
  ])('comes to nothing: %s', async (_, write) => {
    const before = seen();
    const after = put(before, { spec: { ...before.spec, replicas: 3 } });
    expect(await outcomeOf(write(before))).toBe('overtaken');
    expect(only('Deployment')).toEqual(after);
  });

  it.each([
    ['scaled', (found: Deployment) => writer.scale(found, 0, call)],
    ['put right', (found: Deployment) => writer.putRight(deployments, { cached: found, desired: { ...desired, metadata: { ...desired.metadata, labels: { old: 'plan' } } } }, call)],
    ['put back whole', (found: Deployment) => writer.putRight(deployments, { cached: paused(found), desired }, call)],
  ])('does not bring back what was deleted: %s', async (_, write) => {
    const before = seen();
    cluster.remove(deployments, { namespace: before.metadata.namespace ?? '', name: before.metadata.name });
    expect(await outcomeOf(write(before))).toBe('overtaken');
    expect(cluster.list('Deployment')).toEqual([]);
  });

  it('is not made by two: the second creation finds the first', async () => {
    const first = await writer.ensure(deployments, { cached: undefined, desired, initial }, call);
    expect(await writer.ensure(deployments, { cached: undefined, desired, initial }, call)).toEqual(first);
    expect(cluster.writes).toBe(2);
  });
});

it('news in the status of a Deployment do not hinder scaling it', async () => {
  const before = seen();
  put(before, { status: { readyReplicas: 1 } });
  expect(await outcomeOf(writer.scale(before, 0, call))).toBe('made');
  expect(only('Deployment')).toMatchObject({ spec: { replicas: 0 }, status: { readyReplicas: 1 } });
});

it('a number of pods that the API server refuses is an error, not a conflict', async () => {
  const before = seen();
  cluster.onWrite = () => { throw new KubeError({ code: 422, reason: 'Invalid', message: 'spec.replicas: must be 0 or more' }); };
  expect(await outcomeOf(writer.scale(before, -1, call))).toContain('must be 0 or more');
});

describe('what belongs to others', () => {
  const owned = (owner: object) => ({ ...service, metadata: { ...service.metadata, ownerReferences: [{ ...sampleOwner, ...owner }] } });

  it('is not deleted', async () => {
    const object = cluster.put(services, owned({ uid: 'another' }));
    await writer.remove(services, { object, ownerUid: sampleOwner.uid }, call);
    await writer.remove(services, { object: undefined, ownerUid: sampleOwner.uid }, call);
    expect(cluster.writes).toBe(0);
  });

  it.each([
    ['foreign', { uid: 'another', kind: 'Other' }, ForeignObjectError],
    ['former', { uid: 'another' }, FormerObjectError],
  ])('is not written: %s', async (_, owner, error) => {
    const cached = cluster.put(services, owned(owner));
    for (const known of [cached, undefined]) await expect(writer.ensure(services, { cached: known, desired: service }, call)).rejects.toThrow(error);
    expect(cluster.list('Service')).toEqual([cached]);
  });
});

describe('a reconcile', () => {
  const logged: unknown[] = [];
  const logger = { debug: (fields: unknown) => void logged.push(fields), info: () => undefined, warn: () => undefined, error: () => undefined };

  it('that was overtaken is made again, and is no fault', async () => {
    const conflict = new KubeError({ code: 409, reason: 'Conflict', message: 'changed' });
    expect(await lookAgainIfOvertaken({ namespace: 'shop', name: 'support' }, logger, () => Promise.reject(conflict))).toEqual({ requeue: 'rate-limited' });
    expect(logged).toEqual([{ key: 'shop/support', err: conflict }]);
  });

  it('that failed in any other way is a fault', async () => {
    const error = new KubeError({ code: 409, reason: 'AlreadyExists', message: 'taken' });
    await expect(lookAgainIfOvertaken({ namespace: 'shop', name: 'support' }, logger, () => Promise.reject(error))).rejects.toBe(error);
  });
});

describe('an owner that the plan has no more', () => {
  const route = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', name: 'support', uid: 'route-1' };
  const theirs = { apiVersion: 'example.com/v1', kind: 'Other', name: 'other', uid: 'other-1' };
  const ownedBy = (...more: readonly (typeof route)[]): Deployment => ({ ...initial, metadata: { ...initial.metadata, ownerReferences: [...(initial.metadata.ownerReferences ?? []), ...more] } });

  it('is taken away by a process that did not write it, and those of others stay', async () => {
    const found = cluster.put(deployments, ownedBy(route, theirs)) as Deployment;
    await new ChildWriter({ client: cluster.client }).putRight(deployments, { cached: found, desired }, call);
    expect(only('Deployment').metadata.ownerReferences?.map(({ kind }) => kind)).toEqual(['AgentDeployment', 'Other']);
    expect(only('Deployment').spec).toEqual(found.spec);
  });

  it('stays while the plan has it, and where somebody has written since', async () => {
    const found = cluster.put(deployments, ownedBy(route)) as Deployment;
    await writer.putRight(deployments, { cached: found, desired: { ...desired, metadata: { ...desired.metadata, ownerReferences: ownedBy(route).metadata.ownerReferences ?? [] } } }, call);
    expect(only('Deployment')).toEqual(found);
    put(found, { spec: { ...found.spec, replicas: 3 } });
    expect(await outcomeOf(writer.putRight(deployments, { cached: found, desired }, call))).toBe('overtaken');
  });
});

describe('an object that was found right', () => {
  it('is not compared again, and not written', async () => {
    const found = seen();
    await writer.putRight(deployments, { cached: found, desired }, call);
    const writes = cluster.writes;
    expect(await writer.putRight(deployments, { cached: found, desired: structuredClone(desired) }, call)).toBe(found);
    expect(cluster.writes).toBe(writes);
  });

  it('is looked at again when another plan asks for something else', async () => {
    const found = seen();
    await writer.putRight(deployments, { cached: found, desired }, call);
    const other = { ...desired, metadata: { ...desired.metadata, labels: { ...desired.metadata.labels, tier: 'gold' } } };
    expect((await writer.putRight(deployments, { cached: found, desired: other }, call)).metadata.labels).toMatchObject({ tier: 'gold' });
  });

  it('is looked at again when a hand has changed it', async () => {
    const found = seen();
    await writer.putRight(deployments, { cached: found, desired }, call);
    const changed = put(found, paused(found));
    await writer.putRight(deployments, { cached: changed, desired }, call);
    expect(only('Deployment').spec).not.toHaveProperty('paused');
  });

  it.each<[string, object, 'compared' | 'not compared']>([
    ['its status', { status: { readyReplicas: 1 } }, 'not compared'],
    ['its labels', { metadata: { labels: {} } }, 'compared'],
    ['its spec', { metadata: { generation: 7 } }, 'compared'],
  ])('is looked at by what has changed: %s', async (_, { metadata, ...change }: { readonly metadata?: object }, outcome) => {
    const found = seen();
    await writer.putRight(deployments, { cached: found, desired }, call);
    // What only a comparison could see.
    const odd = { ...found.spec, paused: true };
    const changed = put(found, {});
    const cached = { ...changed, ...change, metadata: { ...changed.metadata, ...metadata }, spec: odd };
    const writes = cluster.writes;
    await writer.putRight(deployments, { cached, desired }, call);
    expect(cluster.writes > writes ? 'compared' : 'not compared').toBe(outcome);
  });
});
