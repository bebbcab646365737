import { type Applied, differences, type JsonPatchOperation, type KubeObject, type OwnerReference, type PodTemplateSpec } from '@sluice/kube';
import { withoutApiDefaults } from '../revision/api-defaults.ts';
import { httpRoutes } from '../traffic/http-routes.ts';
import { planAnnotation } from '../traffic/route-plan.ts';

/** Rolls the pods of a Deployment without changing what they are: `kubectl rollout restart` sets it. */
const restartAnnotation = 'kubectl.kubernetes.io/restartedAt';
/** The API server chooses these once for a Service, and they stay. */
const allocated: readonly string[] = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'];

type Spec = Readonly<Record<string, unknown>>;

interface Comparison {
  /** A spec as far as it is written out: without what the API server adds by itself. */
  readonly written: (spec: Spec) => Spec;
  /** Members of the present spec that are not the agent plan's to say. */
  readonly kept: readonly string[];
  /** An annotation that changes with the plan; a spec under another plan is replaced, together with its annotation, and nothing in it is stray. */
  readonly plan?: string;
}

/** Kinds in which a member that nobody planned changes who gets traffic, what runs or where it may connect to. */
const comparisons: Readonly<Record<string, Comparison>> = {
  Deployment: { written: ({ template, ...rest }) => ({ ...rest, template: writtenTemplate(template as PodTemplateSpec) }), kept: ['replicas'] },
  Service: { written: (spec) => without(spec, { internalTrafficPolicy: 'Cluster', sessionAffinity: 'None' }), kept: allocated },
  PodDisruptionBudget: { written: (spec) => spec, kept: [] },
  NetworkPolicy: { written: (spec) => spec, kept: [] },
  HTTPRoute: { written: (spec) => spec, kept: [], plan: planAnnotation },
};

/**
 * Members of `cached.spec` that `desired.spec` does not have and the API server does not add: somebody else wrote them. Server-side apply
 * never takes them away, because it removes only what its own manager wrote.
 */
export function strayMembers<T extends KubeObject>(desired: Applied<T>, cached: T): string[] {
  const comparison = comparisons[cached.kind];
  if (comparison === undefined || isOfAnotherPlan(comparison, desired as unknown as KubeObject, cached)) return [];
  return differences(comparison.written(ownSpec(cached)), comparison.written(specOf(desired)));
}

function isOfAnotherPlan({ plan }: Comparison, desired: KubeObject, cached: KubeObject): boolean {
  return plan !== undefined && desired.metadata.annotations?.[plan] !== cached.metadata.annotations?.[plan];
}

/** The present spec without what is not the agent plan's to say. */
export function ownSpec(object: KubeObject): Spec {
  const kept = new Set(comparisons[object.kind]?.kept);
  return Object.fromEntries(Object.entries(specOf(object)).filter(([member]) => !kept.has(member)));
}

/**
 * Owners of `cached` that `desired` has no more: a route that went, or goes. The process that wrote them would take them away by its next
 * apply; one that was started since does not know whose they are. While the Gateway API is not installed the garbage collector cannot tell
 * whether such an owner is gone, and would keep the object for ever.
 */
export function strayOwners<T extends KubeObject>(desired: Applied<T>, { metadata }: T): readonly OwnerReference[] {
  const wanted = new Set((desired.metadata.ownerReferences ?? []).map(({ uid }) => uid));
  return (metadata.ownerReferences ?? []).filter(({ apiVersion, kind, uid }) => kind === httpRoutes.kind && apiVersion.startsWith(`${httpRoutes.group}/`) && !wanted.has(uid));
}

/** Takes them away, if the object is still the one that was looked at. */
export function withoutOwners({ metadata }: KubeObject, stray: readonly OwnerReference[]): JsonPatchOperation[] {
  const gone = new Set(stray.map(({ uid }) => uid));
  return [
    { op: 'replace', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
    { op: 'replace', path: '/metadata/ownerReferences', value: (metadata.ownerReferences ?? []).filter(({ uid }) => !gone.has(uid)) },
  ];
}

/** Puts the whole spec back, if the object is still the one that was looked at: else the answer is a conflict. */
export function wholeSpec<T extends KubeObject>(desired: Applied<T>, cached: T): JsonPatchOperation[] {
  const kept = (comparisons[cached.kind]?.kept ?? []).flatMap((member) => (specOf(cached)[member] === undefined ? [] : [[member, specOf(cached)[member]] as const]));
  return [
    { op: 'replace', path: '/metadata/resourceVersion', value: cached.metadata.resourceVersion },
    { op: 'replace', path: '/spec', value: { ...specOf(desired), ...Object.fromEntries(kept) } },
  ];
}

function specOf(object: object): Spec {
  return (object as { readonly spec?: Spec }).spec ?? {};
}

function writtenTemplate(template: PodTemplateSpec): PodTemplateSpec {
  const { serviceAccount, ...spec } = template.spec as PodTemplateSpec['spec'] & { readonly serviceAccount?: string };
  // A deprecated name of serviceAccountName, which the API server sets beside it.
  const alias = serviceAccount === spec.serviceAccountName || serviceAccount === undefined ? {} : { serviceAccount };
  const annotations = without(template.metadata?.annotations ?? {}, { [restartAnnotation]: template.metadata?.annotations?.[restartAnnotation] });
  return withoutApiDefaults({ ...template, metadata: { ...template.metadata, annotations: annotations as Record<string, string> }, spec: { ...spec, ...alias } });
}

function without(members: Spec, defaults: Spec): Spec {
  return Object.fromEntries(Object.entries(members).filter(([member, value]) => !(member in defaults) || value !== defaults[member]));
}
