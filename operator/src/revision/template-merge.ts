import type { PodSpec, PodTemplateSpec, Volume } from '@sluice/kube';
import { mergeAgentContainer } from './container-merge.ts';
import { invalidSpec, shown } from './error.ts';
import { scratchMountPath, scratchVolumeName } from './pod-names.ts';
import type { UserTemplate } from './user-template.ts';

/**
 * `own` with the user's template in it. The container "agent" and the securityContext are merged member by member, containers and
 * volumes are appended, every other field of the pod spec is taken from the user where it is set.
 * Throws RevisionError (InvalidSpec) when the user takes a name of the operator's.
 */
export function mergePodTemplate(own: PodTemplateSpec, user: UserTemplate): PodTemplateSpec {
  const [ownContainer] = own.spec.containers;
  if (ownContainer === undefined) throw new TypeError('the template of the operator has no container');
  const spec = {
    ...own.spec,
    ...user.podFields,
    securityContext: { ...own.spec.securityContext, ...user.podSecurityContext },
    containers: [mergeAgentContainer(ownContainer, user.agent), ...user.otherContainers],
    volumes: mergeVolumes(own.spec.volumes ?? [], user),
  } as PodSpec;
  return { metadata: mergeMetadata(own.metadata ?? {}, user), spec };
}

type Metadata = NonNullable<PodTemplateSpec['metadata']>;

function mergeMetadata(own: Metadata, user: UserTemplate): Metadata {
  const annotations = { ...own.annotations, ...user.annotations };
  const labels = { ...user.labels, ...own.labels };
  return Object.keys(annotations).length === 0 ? { labels } : { labels, annotations };
}

function mergeVolumes(own: readonly Volume[], user: UserTemplate): Volume[] {
  const taken = user.volumes.findIndex((volume) => own.some((ours) => ours.name === volume.name));
  if (taken !== -1) {
    throw invalidSpec(`spec.template.spec.volumes[${taken}].name`, `is ${shown(user.volumes[taken]?.name)}, which the operator uses: choose another name`);
  }
  const ownScratch = !(user.agent?.volumeMounts ?? []).some((mount) => mount.mountPath === scratchMountPath);
  return [...own.filter((volume) => ownScratch || volume.name !== scratchVolumeName), ...user.volumes];
}
