import type { ConfigMap, KubeObject, Pod, Service } from '@sluice/kube';
import { isPodReady } from '../../../operator/src/children/pod-ready.ts';

/** Ready pods behind the Service, by what answers there: `v1/one` is the image v1 with the configuration one. */
export type Serving = Readonly<Record<string, number>>;

/** What a text of a configuration is recognised by, wherever a contender puts it. */
const CONFIGURATION = /\bconfiguration: (\w+)/;

export function configurationText(word: string): string {
  return `You answer questions about orders. configuration: ${word}`;
}

export interface Surroundings {
  readonly pods: readonly Pod[];
  readonly services: readonly Service[];
  readonly configMaps: readonly ConfigMap[];
}

/** Sorts objects by what they are to traffic. */
export function surroundingsOf(objects: readonly KubeObject[]): Surroundings {
  const of = (wanted: string): readonly KubeObject[] => objects.filter(({ kind }) => kind === wanted);
  return { pods: of('Pod') as readonly Pod[], services: of('Service'), configMaps: of('ConfigMap') };
}

/**
 * What answers requests, as Kubernetes has it: the pods that a Service selects, that are ready and not on their way out. A mounted ConfigMap has
 * its present content, which the kubelet brings into the running container.
 */
export function servingOf({ pods, services, configMaps }: Surroundings): Serving {
  const serving = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined && isPodReady(pod) && services.some((service) => selects(service, pod)));
  const counts = new Map<string, number>();
  for (const pod of serving) {
    const face = `${imageOf(pod)}/${configurationOf(pod, configMaps)}`;
    counts.set(face, (counts.get(face) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].toSorted(([left], [right]) => left.localeCompare(right)));
}

/** Tag of the image. */
export function imageOf(pod: Pod): string {
  return pod.spec.containers[0]?.image?.split(':').at(-1) ?? 'none';
}

function selects({ spec }: Service, { metadata }: Pod): boolean {
  const selector = Object.entries(spec?.selector ?? {});
  return selector.length > 0 && selector.every(([key, value]) => metadata.labels?.[key] === value);
}

function configurationOf(pod: Pod, configMaps: readonly ConfigMap[]): string {
  const names = configMapsOf(pod);
  const texts = configMaps.filter(({ metadata }) => names.includes(metadata.name)).flatMap(({ data }) => Object.values(data ?? {}));
  return texts.map((text) => CONFIGURATION.exec(text)?.[1]).find((word) => word !== undefined) ?? 'none';
}

interface References {
  readonly volumes?: readonly { readonly configMap?: { readonly name?: string }; readonly projected?: { readonly sources?: readonly { readonly configMap?: { readonly name?: string } }[] } }[];
}

function configMapsOf({ spec }: Pod): readonly string[] {
  const { volumes = [] } = spec as References;
  return volumes.flatMap(({ configMap, projected }) => [configMap, ...(projected?.sources ?? []).map((source) => source.configMap)]).flatMap((reference) => reference?.name ?? []);
}
