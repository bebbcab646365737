import type { EvalRun } from '@sluice/crds';
import { controllerOf, type KubeObject, type ObjectMeta } from '@sluice/kube';
import { evalRunLabel } from './names.ts';

/** Name, labels and owner of an object that exists once per run. The garbage collector removes it with the run. */
export function childMetadata(evalRun: EvalRun): ObjectMeta {
  const { name, namespace = '', uid = '' } = evalRun.metadata;
  return {
    name,
    namespace,
    labels: childLabels(evalRun),
    ownerReferences: [{ apiVersion: evalRun.apiVersion, kind: evalRun.kind, name, uid, controller: true, blockOwnerDeletion: true }],
  };
}

/**
 * The only labels of an eval pod. None of the agent's labels may be among them: its Service, its PodDisruptionBudget and its
 * replica counts would take the pod for one that serves.
 */
export function childLabels(evalRun: EvalRun): Record<string, string> {
  return { 'app.kubernetes.io/component': 'evaluation', 'app.kubernetes.io/managed-by': 'sluice', [evalRunLabel]: evalRun.metadata.name };
}

/** `former`: left over from a deleted run of the same name, the garbage collector is about to remove it. */
export type Ownership = 'ours' | 'former' | 'foreign';

export function ownershipOf(object: KubeObject, evalRun: EvalRun): Ownership {
  const owner = controllerOf(object);
  if (owner !== undefined && owner.uid === evalRun.metadata.uid) return 'ours';
  return owner?.kind === evalRun.kind && owner.name === evalRun.metadata.name ? 'former' : 'foreign';
}
