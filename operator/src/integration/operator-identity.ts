import { defineResource, type KubeObject, type ObjectKey, type ResourceType, serviceAccounts } from '@sluice/kube';
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

const plain = [...operatorPermissions, ...secretPermissions, ...operatorMark];
/** By account: what the chart gives without and with `shard` or `rbac.sharding`. */
const granted = { sluice: plain, 'sluice-sharding': [...plain, ...shardingPermissions] } as const;
type Account = keyof typeof granted;
const accounts: readonly Account[] = ['sluice', 'sluice-sharding'];

/** Who an operator is in the tests: a ServiceAccount with the rights of the table and no other. */
export interface OperatorIdentity {
  readonly namespace: string;
  /** Of an operator without a shard. */
  readonly token: string;
  /** Of one that takes agents over from others. */
  readonly shardingToken: string;
  /** [] for all namespaces. */
  readonly watched: readonly string[];
  /** Takes the rights that are not in a namespace away again. */
  remove(): Promise<void>;
}

/** Gives the rights cluster-wide, or in the `watched` namespaces alone, as the chart does with watchNamespaces. */
export async function makeIdentity(cluster: TestCluster, watched: readonly string[]): Promise<OperatorIdentity> {
  const namespace = await cluster.namespace('system');
  const removals = await Promise.all(accounts.map((account) => makeAccount(cluster, { namespace, account, watched })));
  return {
    namespace,
    watched,
    token: await tokenOf(cluster, { namespace, account: 'sluice' }),
    shardingToken: await tokenOf(cluster, { namespace, account: 'sluice-sharding' }),
    remove: async () => {
      for (const remove of removals) await remove();
    },
  };
}

interface AccountRequest {
  readonly namespace: string;
  readonly account: Account;
  readonly watched: readonly string[];
}

/** Returns what takes the rights that are not in a namespace away again. */
async function makeAccount(cluster: TestCluster, { namespace, account, watched }: AccountRequest): Promise<() => Promise<void>> {
  await cluster.admin.create(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, namespace } }, call);
  await grant(cluster, { namespace, name: `${account}-leader-election`, account: { name: account, namespace }, permissions: leaderElectionPermissions });
  for (const each of watched) await grant(cluster, { namespace: each, name: `${account}-operator`, account: { name: account, namespace }, permissions: granted[account] });
  if (watched.length > 0) return () => Promise.resolve();
  const name = `${namespace}-${account}`;
  await cluster.admin.create(clusterRoles, { apiVersion, kind: 'ClusterRole', metadata: { name }, rules: rulesOf(granted[account]) }, call);
  await cluster.admin.create(clusterRoleBindings, binding(clusterRoles, { name }, { name: account, namespace }), call);
  return async () => {
    await cluster.admin.delete(clusterRoleBindings, { namespace: '', name }, {}, call);
    await cluster.admin.delete(clusterRoles, { namespace: '', name }, {}, call);
  };
}

interface Grant {
  readonly namespace: string;
  readonly name: string;
  readonly account: ObjectKey;
  readonly permissions: readonly Permission[];
}

async function grant(cluster: TestCluster, { namespace, name, account, permissions }: Grant): Promise<void> {
  await cluster.admin.create(roles, { apiVersion, kind: 'Role', metadata: { name, namespace }, rules: rulesOf(permissions) }, call);
  await cluster.admin.create(roleBindings, binding(roles, { name, namespace }, account), call);
}

function binding(role: ResourceType, metadata: KubeObject['metadata'], account: ObjectKey): BindingObject {
  return {
    apiVersion,
    kind: `${role.kind}Binding`,
    metadata,
    roleRef: { apiGroup: rbac.group, kind: role.kind, name: metadata.name },
    subjects: [{ kind: 'ServiceAccount', ...account }],
  };
}

function rulesOf(permissions: readonly Permission[]): unknown {
  return permissions.map(({ group, resources, verbs }) => ({ apiGroups: [group], resources, verbs }));
}

async function tokenOf(cluster: TestCluster, { namespace, account }: Pick<AccountRequest, 'namespace' | 'account'>): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } };
  const answer = (await cluster.transport.json({ method: 'POST', path, body, ...call })) as { readonly status: { readonly token: string } };
  return answer.status.token;
}
