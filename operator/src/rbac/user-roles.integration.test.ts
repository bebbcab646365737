import type { Release } from '@sluice/crds';
import { isForbidden, serviceAccounts, type Transport } from '@sluice/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindUser, install } from '../integration/chart-objects.ts';
import { agent, provider, suite } from '../integration/manifests.ts';
import { renderFor } from '../integration/rendered-chart.ts';
import { call, TestCluster } from '../integration/test-cluster.ts';
import { agentDeployments, evalRuns, evalSuites, modelProviders, releases } from '../resources.ts';
import { approverPermissions, developerPermissions, type Permission, viewerPermissions } from './permissions.ts';

const users = { viewer: 'vera', developer: 'dora', approver: 'axel' } as const;
type Role = keyof typeof users;
const tables: Readonly<Record<Role, readonly Permission[]>> = { viewer: viewerPermissions, developer: developerPermissions, approver: approverPermissions };
const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', 'operate'];
const resources = ['agentdeployments', 'agentdeployments/status', 'agentdeployments/scale', 'modelproviders', 'evalsuites', 'evalruns', 'evalruns/status', 'releases', 'releases/status'];

let cluster: TestCluster;
let namespace: string;
let uninstall: () => Promise<void>;

beforeAll(async () => {
  cluster = await TestCluster.connect(process.env);
  namespace = await cluster.namespace('roles');
  const objects = await renderFor({ namespace, kubeVersion: '1.36.0' }, 'rbac.aggregate=false');
  uninstall = await install(cluster, objects.filter(({ metadata }) => Object.keys(users).some((role) => metadata.name.endsWith(`-${role}`))), ['ClusterRole']);
  for (const [role, user] of Object.entries(users)) await bindUser(cluster, { user, role: `${namespace}-sluice-${role}`, namespace });
  await cluster.admin.create(agentDeployments, placed(agent({ name: 'present' })), call);
  const release = { apiVersion: 'sluice.dev/v1alpha1', kind: 'Release', metadata: { name: 'present-1', namespace }, spec: { agentName: 'present', revision: 'aaaaaaaaaa', cause: 'SpecChanged' } } as Release;
  await cluster.admin.create(releases, release, call);
});

afterAll(async () => {
  await uninstall?.();
  await cluster?.close();
});

function placed(object: { readonly metadata: object }): never {
  return { ...object, metadata: { ...object.metadata, namespace } } as never;
}

function granted(role: Role): string[] {
  return tables[role].filter(({ group }) => group === 'sluice.dev').flatMap((permission) => permission.resources.flatMap((resource) => permission.verbs.map((verb) => `${verb} ${resource}`)));
}

async function allowed(client: Transport): Promise<string[]> {
  const reviews = resources.flatMap((resource) => verbs.map((verb) => ({ verb, resource })));
  const answers = await Promise.all(reviews.map(async ({ verb, resource }) => {
    const [plural, subresource] = resource.split('/');
    const spec = { resourceAttributes: { namespace, group: 'sluice.dev', verb, resource: plural, ...(subresource === undefined ? {} : { subresource }) } };
    return (await review(client, spec)) ? [`${verb} ${resource}`] : [];
  }));
  return answers.flat();
}

async function review(client: Transport, spec: object): Promise<boolean> {
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec };
  const answer = (await client.json({ method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body, ...call })) as { readonly status: { readonly allowed: boolean } };
  return answer.status.allowed;
}

describe.each(Object.entries(users) as [Role, string][])('the role %s', (role, user) => {
  it('may do what its table says, verb by verb, and nothing else', async () => {
    expect((await allowed(cluster.transportAs(user))).toSorted()).toEqual(granted(role).toSorted());
  });

  it('may do nothing outside of the group, and nothing in another namespace', async () => {
    const client = cluster.transportAs(user);
    for (const resource of ['secrets', 'configmaps', 'pods', 'serviceaccounts']) expect(await review(client, { resourceAttributes: { namespace, verb: 'get', resource } })).toBe(false);
    expect(await review(client, { resourceAttributes: { namespace: 'default', group: 'sluice.dev', verb: 'get', resource: 'releases' } })).toBe(false);
  });
});

describe('in real requests', () => {
  const key = () => ({ namespace, name: 'present' });
  const intent = { spec: { intent: { verb: 'Pause', revision: 'aaaaaaaaaa', requestId: 'r-1' } } } as never;

  it('a developer writes agents, providers and suites, and approves nothing', async () => {
    const dora = cluster.as(users.developer);
    await dora.create(agentDeployments, placed(agent({ name: 'made' })), call);
    await dora.create(modelProviders, placed(provider), call);
    await dora.create(evalSuites, placed(suite), call);
    await dora.mergePatch(agentDeployments, { namespace, name: 'made' }, { spec: { replicas: 3 } }, call);
    await dora.delete(agentDeployments, { namespace, name: 'made' }, {}, call);
    await expectForbidden(dora.mergePatch(releases, { namespace, name: 'present-1' }, intent, call), 'patch');
    await expectForbidden(dora.delete(releases, { namespace, name: 'present-1' }, {}, call), 'delete');
    expect((await dora.list(releases, { namespace }, call)).items).toHaveLength(1);
  });

  it('an approver approves, and edits no agent', async () => {
    const axel = cluster.as(users.approver);
    const patched = await axel.mergePatch(releases, { namespace, name: 'present-1' }, intent, call);
    expect(patched.spec.intent?.requestId).toBe('r-1');
    await expectForbidden(axel.mergePatch(agentDeployments, key(), { spec: { replicas: 3 } }, call), 'patch');
    await expectForbidden(axel.delete(agentDeployments, key(), {}, call), 'delete');
    await expectForbidden(axel.mergePatchStatus(releases, { namespace, name: 'present-1' }, { status: { phase: 'Promoted' } }, call), 'patch');
  });

  it('a viewer reads every kind and changes nothing', async () => {
    const vera = cluster.as(users.viewer);
    for (const type of [agentDeployments, modelProviders, evalSuites, evalRuns, releases]) expect(await vera.list(type as never, { namespace }, call)).toBeDefined();
    await expectForbidden(vera.mergePatch(agentDeployments, key(), { spec: { replicas: 3 } }, call), 'patch');
    await expectForbidden(vera.mergePatch(releases, { namespace, name: 'present-1' }, intent, call), 'patch');
    await expectForbidden(vera.list(serviceAccounts, { namespace }, call), 'list');
  });
});

async function expectForbidden(request: Promise<unknown>, verb: string): Promise<void> {
  const refusal = await request.then(() => undefined, (error: unknown) => error);
  expect(isForbidden(refusal), String(refusal)).toBe(true);
  expect(String(refusal)).toContain(`cannot ${verb}`);
}
