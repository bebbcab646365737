import type { AgentDeployment } from '@sluice/crds';
import { z } from 'zod';
import { agentLabel, operatorLabels } from '../children/labels.ts';
import { fieldPath, invalidSpec, shown } from './error.ts';
import { agentContainerName } from './pod-names.ts';

const named = z.looseObject({ name: z.string().min(1) });
const quantities = z.record(z.string(), z.union([z.string(), z.number()]));

/** Only what the merge looks into; the API server checks the rest when the Deployment is applied. */
const userContainer = named.extend({
  env: z.array(named).nullish(),
  ports: z.array(z.looseObject({ containerPort: z.int(), name: z.string().optional() })).nullish(),
  volumeMounts: z.array(z.looseObject({ name: z.string().min(1), mountPath: z.string().min(1) })).nullish(),
  resources: z.looseObject({ requests: quantities.nullish(), limits: quantities.nullish() }).nullish(),
  securityContext: z.looseObject({}).nullish(),
  lifecycle: z.looseObject({}).nullish(),
});

const userPodSpec = z.looseObject({
  containers: z.array(userContainer).nullish(),
  initContainers: z.array(named).nullish(),
  volumes: z.array(named).nullish(),
  securityContext: z.looseObject({}).nullish(),
});

export type UserContainer = z.infer<typeof userContainer>;

/** `spec.template` of an AgentDeployment after its checks. */
export interface UserTemplate {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** The container named "agent", to be merged into the operator's. */
  readonly agent: UserContainer | undefined;
  readonly otherContainers: readonly UserContainer[];
  readonly volumes: readonly { readonly name: string }[];
  readonly podSecurityContext: Readonly<Record<string, unknown>>;
  /** All other fields of the pod spec. */
  readonly podFields: Readonly<Record<string, unknown>>;
}

/** Throws RevisionError (InvalidSpec) when the template sets what only the operator may set, or has a wrong type. */
export function parseUserTemplate(template: AgentDeployment['spec']['template']): UserTemplate {
  const labels = template?.metadata?.labels ?? {};
  const annotations = template?.metadata?.annotations ?? {};
  refuseOperatorKeys('labels', labels);
  refuseOperatorKeys('annotations', annotations);
  const { containers, volumes, securityContext, ...others } = parsePodSpec(template?.spec ?? {});
  const { serviceAccount, ...podFields } = withoutNull(others);
  refuseOldAlias(serviceAccount, podFields['serviceAccountName']);
  refusePodFields(podFields);
  const all = containers ?? [];
  refuseTwins('containers', [...all, ...(others.initContainers ?? [])]);
  refuseTwins('volumes', volumes ?? []);
  return {
    labels,
    annotations,
    agent: all.find((container) => container.name === agentContainerName),
    otherContainers: all.filter((container) => container.name !== agentContainerName),
    volumes: volumes ?? [],
    podSecurityContext: withoutNull(securityContext ?? {}),
    podFields,
  };
}

/** A field set to null in YAML is a field not set, and the API server takes an empty text for none. */
export function withoutNull(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== ''));
}

function parsePodSpec(spec: object): z.infer<typeof userPodSpec> {
  const result = userPodSpec.safeParse(spec);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw invalidSpec(`spec.template.spec.${fieldPath(issue?.path ?? [])}`, `is not valid in a pod spec: ${issue?.message ?? ''}`, result.error);
}

function refuseOperatorKeys(member: 'labels' | 'annotations', map: Readonly<Record<string, string>>): void {
  const group = agentLabel.slice(0, agentLabel.indexOf('/') + 1);
  const taken = Object.keys(map).find((key) => key.startsWith(group) || (member === 'labels' && operatorLabels.includes(key)));
  if (taken === undefined) return;
  throw invalidSpec(`spec.template.metadata.${member}["${taken}"]`, `is set by the operator (yours was ${shown(map[taken])}): remove it or use another key`);
}

/** Fields that a Deployment cannot have; the API server would refuse them in the child, where the user does not look. */
function refusePodFields(fields: Readonly<Record<string, unknown>>): void {
  const { restartPolicy, activeDeadlineSeconds } = fields;
  if (restartPolicy !== undefined && restartPolicy !== 'Always') {
    throw invalidSpec('spec.template.spec.restartPolicy', `is ${shown(restartPolicy)}: an agent always restarts; remove it`);
  }
  if (activeDeadlineSeconds !== undefined) {
    throw invalidSpec('spec.template.spec.activeDeadlineSeconds', `is ${shown(activeDeadlineSeconds)}: the pods of an agent have no end; remove it`);
  }
}

/** The API server writes the old name beside the new one, so a copied pod spec has both; alone it would be overruled by ours. */
function refuseOldAlias(serviceAccount: unknown, serviceAccountName: unknown): void {
  if (serviceAccount === undefined || serviceAccount === serviceAccountName) return;
  throw invalidSpec('spec.template.spec.serviceAccount', `is ${shown(serviceAccount)}: the field is deprecated; write it into serviceAccountName`);
}

function refuseTwins(member: 'containers' | 'volumes', items: readonly { readonly name: string }[]): void {
  const names = items.map((item) => item.name);
  const twin = names.find((name, index) => names.indexOf(name) !== index);
  if (twin !== undefined) throw invalidSpec(`spec.template.spec.${member}`, `has two named ${shown(twin)}: rename one of them`);
}
