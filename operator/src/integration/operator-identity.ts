import { defineResource, type KubeObject, type ResourceType, serviceAccounts } from '@sluice/kube';
import { leaderElectionPermissions, operatorMark, operatorPermissions, secretPermissions, shardingPermissions, type Permission } from '../rbac/permissions.ts';
import { call, type TestCluster } from './test-cluster.ts';

interface RoleObject extends KubeObject {
  rules: unknown;
}
interface BindingObject extends KubeObject {
  roleRef: unknown;
  subjects: unknown;
}

const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' } as const;
const apiVersion = `${rbac.group}/${rbac.version}`;
const clusterRoles = defineResource<RoleObject>({ ...rbac, plural: 'clusterroles', kind: 'ClusterRole', scope: 'Cluster' });
const clusterRoleBindings = defineResource<BindingObject>({ ...rbac, plural: 'clusterrolebindings', kind: 'ClusterRoleBinding', scope: 'Cluster' });
const roles = defineResource<RoleObject>({ ...rbac, plural: 'roles', kind: 'Role', scope: 'Namespaced' });
const roleBindings = defineResource<BindingObject>({ ...rbac, plural: 'rolebindings', kind: 'RoleBinding', scope: 'Namespaced' });

const account = 'sluice';
const granted = [...operatorPermissions, ...secretPermissions, ...operatorMark, ...shardingPermissions];

/** Who an operator is in the tests: a ServiceAccount with the rights of the table and no other. */
export interface OperatorIdentity {
  readonly namespace: string;
  readonly token: string;
  /** [] for all namespaces. */
  readonly watched: readonly string[];
  /** Takes the rights that are not in a namespace away again. */
  remove(): Promise<void>;
}

/** Gives the rights cluster-wide, or in the `watched` namespaces alone, as the chart does with watchNamespaces. */
export async function makeIdentity(cluster: TestCluster, watched: readonly string[]): Promise<OperatorIdentity> {
  const namespace = await cluster.namespace('system');
  await cluster.admin.create(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, namespace } }, call);
  await grant(cluster, { namespace, name: 'leader-election', account: namespace, permissions: leaderElectionPermissions });
  const clusterName = watched.length === 0 ? await grantEverywhere(cluster, namespace) : undefined;
  for (const each of watched) await grant(cluster, { namespace: each, name: 'operator', account: namespace, permissions: granted });
  return {
    namespace,
    watched,
    token: await tokenOf(cluster, namespace),
    remove: async () => {
      if (clusterName === undefined) return;
      await cluster.admin.delete(clusterRoleBindings, { namespace: '', name: clusterName }, {}, call);
      await cluster.admin.delete(clusterRoles, { namespace: '', name: clusterName }, {}, call);
    },
  };
}

interface Grant {
  readonly namespace: string;
  readonly name: string;
  /** Namespace of the ServiceAccount. */
  readonly account: string;
  readonly permissions: readonly Permission[];
}

async function grant(cluster: TestCluster, { namespace, name, account: accountNamespace, permissions }: Grant): Promise<void> {
  await cluster.admin.create(roles, { apiVersion, kind: 'Role', metadata: { name, namespace }, rules: rulesOf(permissions) }, call);
  await cluster.admin.create(roleBindings, binding(roles, { name, namespace }, accountNamespace), call);
}

async function grantEverywhere(cluster: TestCluster, namespace: string): Promise<string> {
  const name = `${namespace}-operator`;
  await cluster.admin.create(clusterRoles, { apiVersion, kind: 'ClusterRole', metadata: { name }, rules: rulesOf(granted) }, call);
  await cluster.admin.create(clusterRoleBindings, binding(clusterRoles, { name }, namespace), call);
  return name;
}

function binding(role: ResourceType, metadata: KubeObject['metadata'], accountNamespace: string): BindingObject {
  return {
    apiVersion,
    kind: `${role.kind}Binding`,
    metadata,
    roleRef: { apiGroup: rbac.group, kind: role.kind, name: metadata.name },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: accountNamespace }],
  };
}

function rulesOf(permissions: readonly Permission[]): unknown {
  return permissions.map(({ group, resources, verbs }) => ({ apiGroups: [group], resources, verbs }));
}

async function tokenOf(cluster: TestCluster, namespace: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } };
  const answer = (await cluster.transport.json({ method: 'POST', path, body, ...call })) as { readonly status: { readonly token: string } };
  return answer.status.token;
}
