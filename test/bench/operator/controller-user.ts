import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ClusterConnection, defineResource, type KubeClient, type KubeObject, namespaces, serviceAccounts } from '@sluice/kube';
import { stringify } from 'yaml';

/** Namespace of the controller under test. */
export const SYSTEM_NAMESPACE = 'bench-system';
const ACCOUNT = 'controller';
/** Whose writes the API server accounts for. */
export const CONTROLLER_USER = `system:serviceaccount:${SYSTEM_NAMESPACE}:${ACCOUNT}`;
/** Longer than any run. */
const TOKEN_SECONDS = 6 * 3600;

interface Binding extends KubeObject {
  readonly roleRef: object;
  readonly subjects: readonly object[];
}
const bindings = defineResource<Binding>({ group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'clusterrolebindings', kind: 'ClusterRoleBinding', scope: 'Cluster' });

export interface UserOptions {
  readonly admin: KubeClient;
  readonly connection: ClusterConnection;
  readonly folder: string;
}

/** Makes the user under whom the controller runs, with all rights, and returns the path of its kubeconfig. Throws KubeError. */
export async function makeControllerUser({ admin, connection, folder }: UserOptions, call: { readonly signal: AbortSignal }): Promise<string> {
  const token = await makeControllerAccount(admin, call);
  const path = join(folder, 'controller.kubeconfig');
  const { ca = '' } = await connection.trust();
  await writeKubeconfig(path, { server: connection.server, authority: ca, token, namespace: SYSTEM_NAMESPACE });
  return path;
}

/** Makes that user and returns its token. Throws KubeError. */
export async function makeControllerAccount(admin: KubeClient, call: { readonly signal: AbortSignal }): Promise<string> {
  await admin.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: SYSTEM_NAMESPACE } }, call);
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: ACCOUNT, namespace: SYSTEM_NAMESPACE } };
  await admin.create(serviceAccounts, account, call);
  await admin.create(bindings, {
    apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'bench-controller' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: ACCOUNT, namespace: SYSTEM_NAMESPACE }],
  }, call);
  return tokenOf(admin, call);
}

async function tokenOf(admin: KubeClient, call: { readonly signal: AbortSignal }): Promise<string> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: TOKEN_SECONDS } };
  const { status } = await admin.subresource(serviceAccounts, 'token').create<{ readonly status: { readonly token: string } }>({ namespace: SYSTEM_NAMESPACE, name: ACCOUNT }, body, call);
  return status.token;
}

export interface ControllerAccess {
  readonly server: string;
  /** PEM; '' where the server speaks plain HTTP. */
  readonly authority: string;
  readonly token: string;
  /** Of its context. */
  readonly namespace: string;
}

export async function writeKubeconfig(path: string, { server, authority, token, namespace }: ControllerAccess): Promise<void> {
  const name = 'bench';
  const trust = authority === '' ? {} : { 'certificate-authority-data': Buffer.from(authority).toString('base64') };
  const text = stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': name,
    clusters: [{ name, cluster: { server, ...trust } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
  });
  await writeFile(path, text, { mode: 0o600 });
}
