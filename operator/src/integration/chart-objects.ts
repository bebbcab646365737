import { defineResource, type ResourceType } from '@sluice/kube';
import type { Rendered } from './rendered-chart.ts';
import { call, type TestCluster } from './test-cluster.ts';

const admission = { group: 'admissionregistration.k8s.io', version: 'v1', scope: 'Cluster' } as const;
const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' } as const;

/** Kinds of the chart that tests install, in the order in which they are of use. */
const kinds: Readonly<Record<string, ResourceType>> = {
  ClusterRole: defineResource({ ...rbac, plural: 'clusterroles', kind: 'ClusterRole', scope: 'Cluster' }),
  ClusterRoleBinding: defineResource({ ...rbac, plural: 'clusterrolebindings', kind: 'ClusterRoleBinding', scope: 'Cluster' }),
  RoleBinding: defineResource({ ...rbac, plural: 'rolebindings', kind: 'RoleBinding', scope: 'Namespaced' }),
  ValidatingAdmissionPolicy: defineResource({ ...admission, plural: 'validatingadmissionpolicies', kind: 'ValidatingAdmissionPolicy' }),
  ValidatingAdmissionPolicyBinding: defineResource({ ...admission, plural: 'validatingadmissionpolicybindings', kind: 'ValidatingAdmissionPolicyBinding' }),
  MutatingAdmissionPolicy: defineResource({ ...admission, plural: 'mutatingadmissionpolicies', kind: 'MutatingAdmissionPolicy' }),
  MutatingAdmissionPolicyBinding: defineResource({ ...admission, plural: 'mutatingadmissionpolicybindings', kind: 'MutatingAdmissionPolicyBinding' }),
};

/** Installs the objects of these kinds as they are. Resolves to what takes them away again. */
export async function install(cluster: TestCluster, objects: readonly Rendered[], wanted: readonly string[]): Promise<() => Promise<void>> {
  const chosen = objects.filter(({ kind }) => wanted.includes(kind));
  for (const object of chosen) await cluster.admin.create(typeOf(object.kind), object, call);
  return async () => {
    for (const { kind, metadata } of chosen) await cluster.admin.delete(typeOf(kind), { namespace: metadata.namespace ?? '', name: metadata.name }, {}, call);
  };
}

export const policyKinds = ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding', 'MutatingAdmissionPolicy', 'MutatingAdmissionPolicyBinding'] as const;

/** Gives a user one of the chart's ClusterRoles in one namespace. */
export async function bindUser(cluster: TestCluster, { user, role, namespace }: { readonly user: string; readonly role: string; readonly namespace: string }): Promise<void> {
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: user, namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
  };
  await cluster.admin.create(typeOf('RoleBinding'), binding, call);
}

function typeOf(kind: string): ResourceType {
  const type = kinds[kind];
  if (type === undefined) throw new TypeError(`tests install no ${kind}`);
  return type;
}
