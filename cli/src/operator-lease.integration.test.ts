import { isForbidden, type Lease, leases, systemClock } from '@sluice/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindUser, install } from '../../operator/src/integration/chart-objects.ts';
import { renderFor } from '../../operator/src/integration/rendered-chart.ts';
import { call, TestCluster } from '../../operator/src/integration/test-cluster.ts';
import { releases } from '../../operator/src/resources.ts';
import type { Cluster } from './cluster.ts';
import { leaseNames } from './lease-names.ts';
import { readLeases } from './operator-lease.ts';

const users = { viewer: 'vera', developer: 'dora', approver: 'axel' } as const;

let cluster: TestCluster;
let namespace: string;
let uninstall: () => Promise<void>;

const lease = (name: string): Lease => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace, labels: { 'sluice.dev/operator': 'true' } }, spec: { holderIdentity: 'sluice-a', renewTime: '2026-03-01T10:00:00.000000Z' } });

beforeAll(async () => {
  cluster = await TestCluster.connect(process.env);
  namespace = await cluster.namespace('seen');
  for (const name of ['sluice-operator', 'another']) await cluster.admin.create(leases, lease(name), call);
  const objects = await renderFor({ namespace, kubeVersion: '1.36.0' }, 'rbac.aggregate=false', `rbac.operatorSeenBy=["${namespace}-onlookers"]`);
  const wanted = [...Object.keys(users), 'operator-seen'];
  const everywhere = {
    apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: `${namespace}-cora` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `${namespace}-sluice-viewer` }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'cora' }],
  };
  uninstall = await install(cluster, [...objects.filter(({ metadata }) => wanted.some((role) => metadata.name.endsWith(`-${role}`))), everywhere], ['ClusterRole', 'ClusterRoleBinding']);
  for (const [role, user] of Object.entries(users)) await bindUser(cluster, { user, role: `${namespace}-sluice-${role}`, namespace });
});

afterAll(async () => {
  await uninstall?.();
  await cluster?.close();
});

/** How a name that is known is looked for. */
const named = { fieldSelector: 'metadata.name=sluice-operator', labelSelector: 'sluice.dev/operator' };

/** As one of the group that may see the operator. */
const oona = () => ['oona', ['system:authenticated', `${namespace}-onlookers`]] as const;

function clusterOf(user: string, groups?: readonly string[]): Cluster {
  return { client: cluster.as(user, groups), transport: cluster.transportAs(user, groups), namespace, clock: systemClock };
}

describe('whether the operator runs', () => {
  it('is seen by the groups of rbac.operatorSeenBy, in its lease and in nothing else', async () => {
    const { client } = clusterOf(...oona());
    const seen = (await client.list(leases, named, call)).items.filter(({ metadata }) => metadata.namespace === namespace);
    expect(seen.map(({ metadata, spec }) => [metadata.name, spec?.holderIdentity])).toEqual([['sluice-operator', 'sluice-a']]);
    await expectForbidden(client.list(leases, { labelSelector: 'sluice.dev/operator' }, call), 'list');
    await expectForbidden(client.list(leases, { fieldSelector: 'metadata.name=another' }, call), 'list');
    await expectForbidden(client.get(leases, { namespace, name: 'sluice-operator' }, call), 'get');
    await expectForbidden(client.list(releases, { namespace }, call), 'list');
  });

  it('is told to them by kubectl sluice, which finds the name in their own rules', async () => {
    const reads = clusterOf(...oona());
    expect(await leaseNames(reads, call)).toEqual(['sluice-operator']);
    const found = await readLeases(reads, call);
    expect(found).not.toBe('Forbidden');
    expect((found as readonly Lease[]).some(({ metadata }) => metadata.namespace === namespace && metadata.name === 'sluice-operator')).toBe(true);
  });

  it('is seen by who has the role viewer in all namespaces', async () => {
    const found = await readLeases(clusterOf('cora'), call);
    expect((found as readonly Lease[]).filter(({ metadata }) => metadata.namespace === namespace).map(({ metadata }) => metadata.name)).toEqual(['sluice-operator']);
  });

  it.each(Object.entries(users))('is not seen by who has the role %s in one namespace, who is told so', async (_role, user) => {
    const reads = clusterOf(user);
    expect(await leaseNames(reads, call)).toEqual(['sluice-operator']);
    expect(await readLeases(reads, call)).toBe('Forbidden');
  });
});

async function expectForbidden(request: Promise<unknown>, verb: string): Promise<void> {
  const refusal = await request.then(() => undefined, (error: unknown) => error);
  expect(isForbidden(refusal), String(refusal)).toBe(true);
  expect(String(refusal)).toContain(`cannot ${verb}`);
}
