import type { PodTemplateSpec } from '@sluice/kube';

/**
 * Values that the API server fills in where a pod template says nothing (pkg/apis/core/v1/defaults.go of Kubernetes 1.36), so that
 * writing them out changes no pod. `[x]` stands for every element of a list. Fields that the operator always sets (grace period,
 * service links, token mount) are left out on purpose: there the absent value is the operator's, not the API server's.
 */
type Defaults = { readonly [member: string]: string | number | Defaults | readonly [Defaults] };

const httpGet = { path: '/', scheme: 'HTTP' } as const;
const probe = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3, initialDelaySeconds: 0, httpGet, grpc: { service: '' } } as const;
const fieldRef = { apiVersion: 'v1' } as const;
const fileMode = 0o644;

const container: Defaults = {
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  ports: [{ protocol: 'TCP' }],
  env: [{ valueFrom: { fieldRef } }],
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  lifecycle: { preStop: { httpGet }, postStart: { httpGet } },
};

const volume: Defaults = {
  configMap: { defaultMode: fileMode },
  secret: { defaultMode: fileMode },
  downwardAPI: { defaultMode: fileMode, items: [{ fieldRef }] },
  projected: { defaultMode: fileMode, sources: [{ serviceAccountToken: { expirationSeconds: 3600 }, downwardAPI: { items: [{ fieldRef }] } }] },
  hostPath: { type: '' },
  ephemeral: { volumeClaimTemplate: { spec: { volumeMode: 'Filesystem' } } },
};

const podSpec: Defaults = {
  dnsPolicy: 'ClusterFirst',
  restartPolicy: 'Always',
  schedulerName: 'default-scheduler',
  containers: [container],
  initContainers: [container],
  volumes: [volume],
  tolerations: [{ operator: 'Equal' }],
};

/** Members that mean nothing when they are empty; others do, for example `emptyDir: {}`. */
const meaninglessWhenEmpty = new Set(['affinity', 'annotations', 'labels', 'lifecycle', 'limits', 'metadata', 'nodeSelector', 'requests', 'resources', 'securityContext']);

/** `template` without API defaults, nulls, empty lists and empty members that mean nothing. */
export function withoutApiDefaults(template: PodTemplateSpec): PodTemplateSpec {
  const pruned = withoutEmpty(template) as PodTemplateSpec;
  const spec = withoutDefaults(pruned.spec, podSpec) as PodTemplateSpec['spec'];
  const containers = spec.containers.map(withoutPullDefault);
  const initContainers = spec.initContainers?.map(withoutPullDefault);
  return withoutEmpty({ ...pruned, spec: { ...spec, containers, initContainers } }) as PodTemplateSpec;
}

function withoutDefaults(value: unknown, defaults: Defaults | readonly [Defaults]): unknown {
  if (Array.isArray(value)) return isEach(defaults) ? value.map((element) => withoutDefaults(element, defaults[0])) : value;
  if (!isObject(value) || isEach(defaults)) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, member]) => keptMember(key, member, defaults[key])));
}

function keptMember(key: string, member: unknown, standard: Defaults[string] | undefined): [string, unknown][] {
  if (typeof standard === 'object') return [[key, withoutDefaults(member, standard)]];
  return standard !== undefined && member === standard ? [] : [[key, member]];
}

function isEach(defaults: Defaults | readonly [Defaults]): defaults is readonly [Defaults] {
  return Array.isArray(defaults);
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([key, member]) => [key, withoutEmpty(member)] as const);
  return Object.fromEntries(members.filter(([key, member]) => !isNothing(key, member)));
}

function isNothing(key: string, member: unknown): boolean {
  if (member === undefined || member === null) return true;
  if (Array.isArray(member)) return member.length === 0;
  return meaninglessWhenEmpty.has(key) && isObject(member) && Object.keys(member).length === 0;
}

function withoutPullDefault<C extends { image?: string; imagePullPolicy?: string }>(item: C): C {
  const { imagePullPolicy, ...rest } = item;
  return imagePullPolicy === defaultPullPolicy(item.image ?? '') ? (rest as C) : item;
}

/** What the API server takes for an image: Always for the tag `latest`, said or implied. */
function defaultPullPolicy(image: string): 'Always' | 'IfNotPresent' {
  const [reference = '', digest] = image.split('@');
  const tag = /:([^/:]+)$/.exec(reference)?.[1];
  return tag === 'latest' || (tag === undefined && digest === undefined) ? 'Always' : 'IfNotPresent';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
