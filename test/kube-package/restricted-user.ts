import { setTimeout as wait } from 'node:timers/promises';
import { type ClusterConnection, defineResource, KubeClient, type KubeObject, Transport } from '@sluice/kube';
import { testConnection } from '../../kube/src/testing/test-cluster.ts';

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

type RoleObject = KubeObject & { readonly rules: readonly Rule[] };
type BindingObject = KubeObject & { readonly roleRef: object; readonly subjects: readonly object[] };

const group = 'rbac.authorization.k8s.io';
const apiVersion = `${group}/v1`;
const clusterRoles = defineResource<RoleObject>({ group, version: 'v1', plural: 'clusterroles', kind: 'ClusterRole', scope: 'Cluster' });
const clusterRoleBindings = defineResource<BindingObject>({ group, version: 'v1', plural: 'clusterrolebindings', kind: 'ClusterRoleBinding', scope: 'Cluster' });
const roleBindings = defineResource<BindingObject>({ group, version: 'v1', plural: 'rolebindings', kind: 'RoleBinding', scope: 'Namespaced' });
const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

/** Somebody who may do what was granted and nothing else, played through impersonation. */
export class RestrictedUser {
  readonly name: string;
  readonly connection: ClusterConnection;
  readonly client: KubeClient;
  readonly #admin: KubeClient;
  readonly #transport: Transport;
  readonly #undo: (() => Promise<void>)[] = [];
  readonly #call = { signal: new AbortController().signal };

  constructor(admin: KubeClient, name: string) {
    this.name = name;
    this.#admin = admin;
    this.connection = { ...testConnection(), impersonate: { user: name, uid: undefined, groups: [], extra: {} } };
    this.#transport = new Transport({ connection: this.connection });
    this.client = new KubeClient({ transport: this.#transport });
  }

  /** Grants the rules, in one namespace or ('') everywhere, and waits until the API server goes by them. */
  async grant(rules: readonly Rule[], namespace: string): Promise<void> {
    const name = `${this.name}.${this.#undo.length}`;
    const roleRef = { apiGroup: group, kind: 'ClusterRole', name };
    const subjects = [{ apiGroup: group, kind: 'User', name: this.name }];
    await this.#admin.create(clusterRoles, { apiVersion, kind: 'ClusterRole', metadata: { name }, rules }, this.#call);
    this.#undo.push(() => this.#admin.delete(clusterRoles, { namespace: '', name }, {}, this.#call));
    const type = namespace === '' ? clusterRoleBindings : roleBindings;
    await this.#admin.create(type, { apiVersion, kind: type.kind, metadata: { name, ...(namespace === '' ? {} : { namespace }) }, roleRef, subjects }, this.#call);
    this.#undo.push(() => this.#admin.delete(type, { namespace, name }, {}, this.#call));
    for (const rule of rules) await this.#inForce(rule, namespace);
  }

  async close(): Promise<void> {
    await this.#transport.close();
    for (const undo of this.#undo.toReversed()) await undo();
  }

  async #inForce({ apiGroups, resources, verbs, resourceNames = [''] }: Rule, namespace: string): Promise<void> {
    const asked = apiGroups.flatMap((apiGroup) => resources.flatMap((path) => verbs.flatMap((verb) => resourceNames.map((name) => {
      const [resource, subresource = ''] = path.split('/');
      return { group: apiGroup, resource, subresource, verb, name, namespace };
    }))));
    for (const resourceAttributes of asked) while (!(await this.#may(resourceAttributes))) await wait(20);
  }

  async #may(resourceAttributes: object): Promise<boolean> {
    // A review has no name, so it is no object for the client.
    const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } };
    const review = (await this.#transport.json({ method: 'POST', path: REVIEWS, body, ...this.#call })) as { readonly status: { readonly allowed: boolean } };
    return review.status.allowed;
  }
}
