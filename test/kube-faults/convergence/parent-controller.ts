import {
  addFinalizer, applyIfChanged, type Applied, type CallOptions, type ConfigMap, configMaps, Controller, type ControllerOptions, hasFinalizer, type InformerView, isNotFound, KubeClient,
  keyOf, type ObjectKey, ownerKeys, ownerReference, removeFinalizer, selfKeys, source,
} from '@sluice/kube';
import { type Widget, widgets } from '../../../kube/src/testing/widgets.ts';

export const FINALIZER = 'kube-faults.sluice.dev/child';
const MANAGER = 'kube-faults';

export interface ParentControllerOptions extends Omit<ControllerOptions, 'name' | 'reconcile' | 'sources'> {
  readonly client: KubeClient;
  readonly parents: InformerView<Widget>;
  readonly children: InformerView<ConfigMap>;
  /** Value of the label `run` that children carry. */
  readonly run: string;
}

/** Gives every Widget one ConfigMap that says its size, a finalizer, and a status. */
export function parentController({ client, parents, children, run, ...options }: ParentControllerOptions): Controller {
  return new Controller({
    ...options,
    name: 'parents',
    sources: [source({ informer: parents, keys: selfKeys }), source({ informer: children, keys: ownerKeys(widgets) })],
    async reconcile(key, call) {
      const parent = parents.store.get(key);
      if (!parent) return {};
      if (parent.metadata.deletionTimestamp !== undefined) await cleanUp(client, parent, call);
      else await provide({ client, parent, child: children.store.get(childKey(key)), run }, call);
      return {};
    },
  });
}

export function childKey(parent: ObjectKey): ObjectKey {
  return { namespace: parent.namespace, name: `${parent.name}-child` };
}

/** The child that a parent wants. */
export function desiredChild(parent: Widget, run: string): Applied<ConfigMap> {
  return {
    apiVersion: 'v1', kind: 'ConfigMap',
    metadata: { ...childKey(keyOf(parent)), labels: { app: 'child', run }, ownerReferences: [ownerReference(parent, { controller: 'controller' })] },
    data: { size: String(parent.spec.size) },
  };
}

interface Provision {
  readonly client: KubeClient;
  readonly parent: Widget;
  readonly child: ConfigMap | undefined;
  readonly run: string;
}

async function provide({ client, parent, child, run }: Provision, call: CallOptions): Promise<void> {
  if (!hasFinalizer(parent, FINALIZER)) await addFinalizer(client, widgets, parent, FINALIZER, call);
  await applyIfChanged(client, configMaps, { desired: desiredChild(parent, run), cached: child }, { fieldManager: MANAGER, conflicts: 'force' }, call);
  if (parent.status?.observedSize === parent.spec.size) return;
  const { name, namespace = '' } = parent.metadata;
  const status = { apiVersion: parent.apiVersion, kind: parent.kind, metadata: { name, namespace }, status: { observedSize: parent.spec.size } };
  await client.applyStatus(widgets, status, { fieldManager: MANAGER, conflicts: 'force' }, call);
}

async function cleanUp(client: KubeClient, parent: Widget, call: CallOptions): Promise<void> {
  if (!hasFinalizer(parent, FINALIZER)) return;
  try {
    await client.delete(configMaps, childKey(keyOf(parent)), {}, call);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  await removeFinalizer(client, widgets, parent, FINALIZER, call);
}

/** How the children and statuses differ from what the parents want; empty when they do not. */
export function undesired(parents: readonly Widget[], children: readonly ConfigMap[], run: string): readonly string[] {
  const wrong: string[] = [];
  const left = new Map(children.map((child) => [`${child.metadata.namespace}/${child.metadata.name}`, child]));
  if (left.size !== children.length) wrong.push('two children have one name');
  for (const parent of parents) {
    const name = `${parent.metadata.namespace}/${parent.metadata.name}`;
    const { namespace, name: childName } = childKey(keyOf(parent));
    const child = left.get(`${namespace}/${childName}`);
    left.delete(`${namespace}/${childName}`);
    if (parent.metadata.deletionTimestamp !== undefined) wrong.push(`${name} is still being deleted`);
    else if (!hasFinalizer(parent, FINALIZER)) wrong.push(`${name} has no finalizer`);
    else if (parent.status?.observedSize !== parent.spec.size) wrong.push(`${name} has observed size ${parent.status?.observedSize} of ${parent.spec.size}`);
    const wanted = desiredChild(parent, run);
    if (child?.data?.['size'] !== wanted.data?.['size']) wrong.push(`the child of ${name} says ${child?.data?.['size'] ?? 'nothing'}, not ${wanted.data?.['size']}`);
    else if (child?.metadata.ownerReferences?.[0]?.uid !== parent.metadata.uid) wrong.push(`the child of ${name} belongs to a former one`);
  }
  for (const name of left.keys()) wrong.push(`${name} has no parent`);
  return wrong;
}
