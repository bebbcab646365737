import type { PodTemplateSpec, Volume } from '@sluice/kube';
import { canonicalQuantity } from './quantity.ts';

/** The normal form of one value; undefined where it says what the API server takes anyway. */
type Rule = (value: unknown) => unknown;

/** The normal form of a value and what is in it; `[x]` stands for every element of a list. What is not mentioned stays as it is. */
type Form = Rule | { readonly [member: string]: Form } | readonly [Form];

/** Values that the API server fills in where nothing is said, or drops because they say nothing. */
function unsaid(...values: readonly (string | number | boolean)[]): Rule {
  return (value) => ((values as readonly unknown[]).includes(value) ? undefined : value);
}

const amount: Rule = (value) => (typeof value === 'string' || typeof value === 'number' ? canonicalQuantity(value) : value);
const amounts: Rule = (value) => (isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, amount(each)])) : value);
const divisor: Rule = (value) => unsaid('0')(amount(value));
const no = unsaid(false);
const empty = unsaid('');
const zero = unsaid(0);

/*
 * Of Kubernetes 1.36: pkg/apis/core/v1/defaults.go, and what `omitempty` of its types leaves out. api-defaults.integration.test.ts holds it
 * against a real API server. Fields that the operator always sets (grace period, service links, token mount) are left out on purpose:
 * there the absent value is the operator's, not the API server's.
 */
const httpGet: Form = { path: unsaid('/', ''), scheme: unsaid('HTTP', ''), host: empty };
const probe: Form = {
  timeoutSeconds: unsaid(1, 0), periodSeconds: unsaid(10, 0), successThreshold: unsaid(1, 0), failureThreshold: unsaid(3, 0), initialDelaySeconds: zero,
  httpGet, tcpSocket: { host: empty }, grpc: { service: empty },
};
const handler: Form = { httpGet, tcpSocket: { host: empty } };
const fieldRef: Form = { apiVersion: unsaid('v1', '') };
const resourceFieldRef: Form = { divisor, containerName: empty };
const required: Form = { optional: no };
const fileMode = unsaid(0o644);
const resources: Form = { requests: amounts, limits: amounts };

const valueFrom: Form = { fieldRef, resourceFieldRef, configMapKeyRef: required, secretKeyRef: required, fileKeyRef: required };

/** One without a value is empty. It is written out: before a revision has its name, a variable that holds the name is empty too. */
const variable: Rule = (value) => {
  const said = inForm(value, { valueFrom });
  return isObject(said) && said['value'] === undefined && said['valueFrom'] === undefined ? { ...said, value: '' } : said;
};

const container: Form = {
  workingDir: empty,
  stdin: no,
  stdinOnce: no,
  tty: no,
  terminationMessagePath: unsaid('/dev/termination-log', ''),
  terminationMessagePolicy: unsaid('File', ''),
  ports: [{ protocol: unsaid('TCP', ''), name: empty, hostPort: zero, hostIP: empty }],
  env: [variable],
  envFrom: [{ prefix: empty, configMapRef: required, secretRef: required }],
  volumeMounts: [{ readOnly: no, subPath: empty, subPathExpr: empty }],
  resources,
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  lifecycle: { preStop: handler, postStart: handler },
};

const volume: Form = {
  emptyDir: { medium: empty, sizeLimit: amount },
  configMap: { defaultMode: fileMode, ...required },
  secret: { defaultMode: fileMode, ...required },
  downwardAPI: { defaultMode: fileMode, items: [{ fieldRef, resourceFieldRef }] },
  projected: {
    defaultMode: fileMode,
    sources: [{ serviceAccountToken: { expirationSeconds: unsaid(3600), audience: empty }, configMap: required, secret: required, downwardAPI: { items: [{ fieldRef, resourceFieldRef }] } }],
  },
  hostPath: { type: empty },
  ephemeral: { volumeClaimTemplate: { spec: { volumeMode: unsaid('Filesystem'), volumeName: empty, resources } } },
  persistentVolumeClaim: { readOnly: no },
  nfs: { readOnly: no },
  csi: { fsType: empty },
  iscsi: { iscsiInterface: unsaid('default', ''), fsType: empty, readOnly: no, chapAuthDiscovery: no, chapAuthSession: no },
  rbd: { pool: unsaid('rbd', ''), user: unsaid('admin', ''), keyring: unsaid('/etc/ceph/keyring', ''), fsType: empty, readOnly: no },
  azureDisk: { cachingMode: unsaid('ReadWrite'), kind: unsaid('Shared'), fsType: unsaid('ext4'), readOnly: no },
  azureFile: { readOnly: no },
};

const podSpec: Form = {
  dnsPolicy: unsaid('ClusterFirst', ''),
  restartPolicy: unsaid('Always', ''),
  schedulerName: unsaid('default-scheduler', ''),
  hostNetwork: no,
  hostPID: no,
  hostIPC: no,
  nodeName: empty,
  hostname: empty,
  subdomain: empty,
  priorityClassName: empty,
  overhead: amounts,
  containers: [container],
  initContainers: [container],
  volumes: [volume],
  tolerations: [{ key: empty, operator: unsaid('Equal', ''), value: empty, effect: empty }],
};

/** Members that mean nothing when they are empty; others do, for example `emptyDir: {}`. */
const meaninglessWhenEmpty = new Set([
  'affinity', 'annotations', 'dnsConfig', 'labels', 'lifecycle', 'limits', 'matchLabels', 'metadata', 'nodeAffinity', 'nodeSelector', 'overhead', 'podAffinity', 'podAntiAffinity',
  'requests', 'resources', 'securityContext', 'volumeAttributes',
]);

/** `template` without API defaults, nulls, empty lists and empty members that mean nothing, and with quantities in their shortest form. */
export function withoutApiDefaults(template: PodTemplateSpec): PodTemplateSpec {
  const pruned = withoutEmpty(template) as PodTemplateSpec;
  const spec = inForm(pruned.spec, podSpec) as PodTemplateSpec['spec'];
  const containers = spec.containers.map((item) => withoutPullDefault(item, 'image', 'imagePullPolicy'));
  const initContainers = spec.initContainers?.map((item) => withoutPullDefault(item, 'image', 'imagePullPolicy'));
  const volumes = spec.volumes?.map(withSource);
  return withoutEmpty({ ...pruned, spec: { ...spec, containers, initContainers, volumes } }) as PodTemplateSpec;
}

function inForm(value: unknown, form: Form): unknown {
  if (typeof form === 'function') return form(value);
  if (isEach(form)) return Array.isArray(value) ? value.map((element) => inForm(element, form[0])) : value;
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, form[key] === undefined ? member : inForm(member, form[key])]));
}

function isEach(form: Form): form is readonly [Form] {
  return Array.isArray(form);
}

/** A volume that names no source is an empty directory; one from an image is pulled as a container's image is. */
function withSource(volumeItem: Volume): Volume {
  const { image } = volumeItem;
  if (Object.keys(volumeItem).length === 1) return { ...volumeItem, emptyDir: {} };
  return isObject(image) ? { ...volumeItem, image: withoutPullDefault(image, 'reference', 'pullPolicy') } : volumeItem;
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

function withoutPullDefault<C extends object>(item: C, image: string, policy: string): C {
  const { [policy]: said, ...rest } = item as Record<string, unknown>;
  const reference = rest[image];
  return said === '' || said === defaultPullPolicy(typeof reference === 'string' ? reference : '') ? (rest as C) : item;
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
