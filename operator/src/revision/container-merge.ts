import type { Container, EnvVar, VolumeMount } from '@sluice/kube';
import { invalidSpec, shown } from './error.ts';
import { agentContainerName, bundleMountPath, providerKeyMountPath } from './pod-names.ts';
import { type UserContainer, withoutNull } from './user-template.ts';

const field = `spec.template.spec.containers[name=${agentContainerName}]`;

/** Where the runtime listens: the port, the probes, the Service and the NetworkPolicy name 8080 on all addresses. */
const addressNames: readonly string[] = ['SLUICE_HOST', 'SLUICE_PORT', 'SLUICE_MIRROR_PORT'];

/** The runtime takes the key from this variable too; a literal would put a secret into the ConfigMap of the revision. */
const literalKeyName = 'SLUICE_PROVIDER_API_KEY';

/**
 * `own` with the user's container "agent" in it. Lists are appended to, `resources`, `securityContext` and `lifecycle` are merged by
 * member, probes and all else are replaced. Throws RevisionError (InvalidSpec) for what belongs into spec.agent or to the operator.
 */
export function mergeAgentContainer(own: Container, user: UserContainer | undefined): Container {
  if (user === undefined) return own;
  refuseDedicatedFields(user);
  const { env, ports, volumeMounts, resources, securityContext, lifecycle, ...replaced } = user;
  return {
    ...own,
    ...withoutEmptyLists(withoutNull(replaced)),
    env: mergeEnv(own.env ?? [], env ?? []),
    ports: mergePorts(own.ports ?? [], ports ?? []),
    volumeMounts: mergeMounts(own.volumeMounts ?? [], volumeMounts ?? []),
    resources: mergeResources(own.resources ?? {}, resources ?? {}),
    securityContext: { ...own.securityContext, ...withoutNull(securityContext ?? {}) },
    lifecycle: { ...own.lifecycle, ...withoutNull(lifecycle ?? {}) },
  } as Container;
}

/** To the API server an empty list of arguments is none: then the operator's stand. */
function withoutEmptyLists(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !(Array.isArray(value) && value.length === 0)));
}

function refuseDedicatedFields(user: UserContainer): void {
  for (const member of ['image', 'imagePullPolicy'] as const) {
    const value = user[member];
    if (value !== undefined && value !== null) throw invalidSpec(`${field}.${member}`, `is ${shown(value)}: write it into spec.agent.${member}, which is what a revision pins`);
  }
}

function mergeEnv(own: readonly EnvVar[], user: readonly EnvVar[]): EnvVar[] {
  const taken = user.find(({ name }) => addressNames.includes(name) || own.some((ours) => ours.name === name));
  if (taken !== undefined) throw invalidSpec(`${field}.env[name=${taken.name}]`, 'is for the operator to set: remove it');
  const literal = user.find((variable) => variable.name === literalKeyName && variable.value !== undefined);
  if (literal !== undefined) throw invalidSpec(`${field}.env[name=${literalKeyName}]`, 'holds a key in plain text: name its Secret in spec.apiKeySecretRef of the ModelProvider');
  return [...own, ...user];
}

type Ports = NonNullable<Container['ports']>;

function mergePorts(own: Ports, user: NonNullable<UserContainer['ports']>): Ports {
  for (const { name, containerPort } of own) {
    const taken = user.find((port) => port.name === name || port.containerPort === containerPort);
    if (taken !== undefined) throw invalidSpec(`${field}.ports`, `has ${shown(taken)}: the name "${name}" and port ${containerPort} are the agent's own; use others`);
  }
  return [...own, ...(user as Ports)];
}

/** A mount of the user's at a path of ours takes its place, but for the files that make the revision what it is. */
function mergeMounts(own: readonly VolumeMount[], user: readonly VolumeMount[]): VolumeMount[] {
  const taken = user.find(({ mountPath }) => [bundleMountPath, providerKeyMountPath].some((path) => overlaps(path, mountPath)));
  if (taken !== undefined) throw invalidSpec(`${field}.volumeMounts`, `has mountPath ${shown(taken.mountPath)}, which the operator uses: choose another path`);
  return [...own.filter((ours) => !user.some((mount) => mount.mountPath === ours.mountPath)), ...user];
}

/** Whether one path is the other or lies above or below it. */
function overlaps(left: string, right: string): boolean {
  const [a, b] = [`${left}/`, `${right.replace(/\/+$/, '')}/`];
  return a.startsWith(b) || b.startsWith(a);
}

type Resources = NonNullable<UserContainer['resources']>;

/** A resource that the user mentions is the user's alone: our limit next to their request could be the smaller one. */
function mergeResources(own: NonNullable<Container['resources']>, user: Resources): Container['resources'] {
  const { requests, limits, ...others } = user;
  const mentioned = new Set([...Object.keys(requests ?? {}), ...Object.keys(limits ?? {})]);
  const kept = (amounts: Record<string, string> | undefined) => Object.entries(amounts ?? {}).filter(([name]) => !mentioned.has(name));
  return {
    ...others,
    requests: amountsOf([...kept(own.requests), ...Object.entries(requests ?? {})]),
    limits: amountsOf([...kept(own.limits), ...Object.entries(limits ?? {})]),
  };
}

/** YAML reads `cpu: 1` as a number; the API holds a string. */
function amountsOf(entries: readonly (readonly [string, string | number])[]): Record<string, string> {
  return Object.fromEntries(entries.map(([name, amount]) => [name, String(amount)]));
}
