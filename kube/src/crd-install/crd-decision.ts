import { differences } from '../apply/differences.ts';
import { digestOf } from '../apply/digest.ts';
import type { CustomResourceDefinition } from '../resources/cluster.ts';
import type { CrdInstallReason } from './crd-install-error.ts';
import { compareReleases, type ReleaseOrder } from './release-order.ts';

/** Annotation that keeps a digest of what was applied, so that a member taken out of a definition is noticed. Without a prefix, as keys that no domain answers for. */
export const crdDigestAnnotation = 'crd-digest';

/** Which release a definition belongs to, kept in an annotation of it. */
export interface CrdRelease {
  readonly annotation: string;
  readonly value: string;
  readonly order: ReleaseOrder;
}

export type CrdDecision =
  | { readonly action: 'create' }
  /** Only while the definition still has this version. */
  | { readonly action: 'upgrade'; readonly resourceVersion: string }
  | { readonly action: 'leave'; readonly why: 'unchanged' | 'newer' }
  /** Its former namesake is on its way out. */
  | { readonly action: 'wait' }
  | { readonly action: 'refuse'; readonly reason: CrdInstallReason; readonly message: string };

/** The definition as it is applied: without status, with the release and a digest in its annotations. */
export function desiredDefinition(definition: CustomResourceDefinition, release: CrdRelease | undefined): CustomResourceDefinition {
  const { status: _status, metadata, ...rest } = definition;
  const { name, labels, annotations } = metadata;
  const own = { ...annotations, ...(release === undefined ? {} : { [release.annotation]: release.value }) };
  const bare = { ...rest, metadata: { name, ...(labels === undefined ? {} : { labels }), annotations: own } };
  return { ...bare, metadata: { ...bare.metadata, annotations: { ...own, [crdDigestAnnotation]: digestOf(bare) } } };
}

/** What to do about `desired` (of {@link desiredDefinition}) where `existing` is installed. Throws RangeError for releases that cannot be compared. */
export function decideCrd(desired: CustomResourceDefinition, existing: CustomResourceDefinition | undefined, release: CrdRelease | undefined): CrdDecision {
  if (existing === undefined) return { action: 'create' };
  if (existing.metadata.deletionTimestamp !== undefined) return { action: 'wait' };
  if (isNewer(existing, release)) return { action: 'leave', why: 'newer' };
  const refusal = identityRefusal(desired, existing) ?? storedVersionRefusal(desired, existing);
  if (refusal !== undefined) return refusal;
  if (differences(withoutOmitted(desired), existing).length === 0) return { action: 'leave', why: 'unchanged' };
  return { action: 'upgrade', resourceVersion: existing.metadata.resourceVersion ?? '' };
}

function isNewer(existing: CustomResourceDefinition, release: CrdRelease | undefined): boolean {
  const installed = release === undefined ? undefined : existing.metadata.annotations?.[release.annotation];
  return release !== undefined && installed !== undefined && compareReleases(release.order, installed, release.value) > 0;
}

function identityRefusal({ spec }: CustomResourceDefinition, existing: CustomResourceDefinition): CrdDecision | undefined {
  const refuse = (field: string, from: string, to: string): CrdDecision => ({
    action: 'refuse', reason: 'IdentityChanged',
    message: `${field} is '${from}' and cannot become '${to}'; keep it, or delete the definition with all its objects first`,
  });
  if (spec.scope !== existing.spec.scope) return refuse('spec.scope', existing.spec.scope, spec.scope);
  if (spec.group !== existing.spec.group) return refuse('spec.group', existing.spec.group, spec.group);
  if (spec.names.plural !== existing.spec.names.plural) return refuse('spec.names.plural', existing.spec.names.plural, spec.names.plural);
  return undefined;
}

function storedVersionRefusal({ spec }: CustomResourceDefinition, existing: CustomResourceDefinition): CrdDecision | undefined {
  const dropped = (existing.status?.storedVersions ?? []).filter((stored) => !spec.versions.some((version) => version.name === stored));
  if (dropped.length === 0) return undefined;
  return {
    action: 'refuse', reason: 'StoredVersionDropped',
    message: `version ${dropped.join(', ')} is in status.storedVersions but not in spec.versions: objects may be stored in it; keep the version with storage: false (served: false is allowed), run migrateStoredVersions, then remove it`,
  };
}

/** Members that the API server always writes although they are false. */
const KEPT_WHEN_FALSE: readonly string[] = ['served', 'storage'];
/** Under these a value is the author's data. */
const DATA_MEMBERS: readonly string[] = ['default', 'enum', 'example'];

/** Without the false flags that the API server leaves out of its answers. */
function withoutOmitted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutOmitted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([name, member]) => member !== false || KEPT_WHEN_FALSE.includes(name) || DATA_MEMBERS.includes(name));
  return Object.fromEntries(members.map(([name, member]) => [name, DATA_MEMBERS.includes(name) ? member : withoutOmitted(member)]));
}
