import { type CustomResourceDefinition, customResourceDefinitions, defineResource, isNotFound, type KubeClient, type KubeObject, type ResourceType } from '@sluice/kube';
import { gadgetDefinition } from '../../kube/src/testing/gadgets.ts';
import type { Refusals } from './refusals.ts';
import type { RestrictedUser } from './restricted-user.ts';

export interface Gadget extends KubeObject {
  spec: { size: number };
  status?: Record<string, string>;
}

/** What a part gets to run with. */
export interface PartContext {
  readonly user: RestrictedUser;
  readonly admin: KubeClient;
  readonly namespace: string;
  /** No other run has it. Letters and digits. */
  readonly name: string;
  /** The kind that `<group>` and `<kind>` stand for. */
  readonly type: ResourceType<Gadget>;
  readonly refusals: Refusals;
}

export interface Part {
  /** Ends well, or throws the 403 that it met. */
  readonly run: (context: PartContext) => Promise<void>;
  /** A kind of its own, which the part makes itself; default is one that all share. */
  readonly kind?: 'own';
  /** Default: everywhere. */
  readonly scope?: 'namespace';
  /** Verbs that this API server does not ask for, but others do. */
  readonly spare?: readonly string[];
}

export function gadgetType({ spec: { group, names } }: CustomResourceDefinition, version = 'v1'): ResourceType<Gadget> {
  return defineResource<Gadget>({ group, version, plural: names.plural, kind: names.kind, scope: 'Namespaced' });
}

export function ownType(name: string): ResourceType<Gadget> {
  return gadgetType(gadgetDefinition(name));
}

/** As the administrator makes it. */
export function gadget({ type, namespace }: Pick<PartContext, 'type' | 'namespace'>, name: string, labels: Record<string, string> = {}): Gadget {
  return { apiVersion: `${type.group}/${type.version}`, kind: type.kind, metadata: { name, namespace, labels }, spec: { size: 1 } };
}

export function callOf({ refusals }: PartContext): { readonly signal: AbortSignal } {
  return { signal: refusals.signal };
}

/** Whatever a part left behind. */
export async function removeDefinition(admin: KubeClient, name: string): Promise<void> {
  try {
    await admin.delete(customResourceDefinitions, { namespace: '', name }, {}, { signal: new AbortController().signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
