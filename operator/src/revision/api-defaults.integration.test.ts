import type { AgentDeploymentSpec } from '@sluice/crds';
import { type Deployment, deployments, type KubeClient, KubeClient as Client, namespaces, type PodTemplateSpec, Transport, connectionFromEnvironment } from '@sluice/kube';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { revisionDeployment } from '../children/deployment.ts';
import { operatorLabels } from '../children/labels.ts';
import { strayMembers } from '../writes/drift.ts';
import { withoutApiDefaults } from './api-defaults.ts';
import { canonicalJson } from './digest.ts';
import { renderRevision, type RevisionRecord } from './record.ts';
import { arbitraryPods } from './testing/arbitrary-pods.ts';
import { sampleAgent, sampleOwner, samplePrompt, sampleProvider } from './testing/sample-agent.ts';
import { sampleServers, type SpecParts } from './testing/sample-servers.ts';

type Template = NonNullable<AgentDeploymentSpec['template']>;
type Named = Readonly<Record<string, unknown>> & { readonly name: string };

const call = { signal: new AbortController().signal, deadlineMs: 20_000 };
let transport: Transport;
let client: KubeClient;
let namespace: string;

beforeAll(async () => {
  transport = new Transport({ connection: connectionFromEnvironment({ env: { KUBECONFIG: process.env['SLUICE_TEST_KUBECONFIG'] } }) });
  client = new Client({ transport });
  namespace = (await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '', generateName: 'it-defaults-' } }, call)).metadata.name;
});

afterAll(async () => {
  await client.delete(namespaces, { namespace: '', name: namespace }, {}, call);
  await transport.close();
});

function render(template: unknown, servers: SpecParts = {}): RevisionRecord {
  const agent = sampleAgent({ spec: { ...servers, template: template as Template } });
  return renderRevision({ agent: { ...agent, metadata: { ...agent.metadata, namespace } }, provider: sampleProvider(), promptText: samplePrompt });
}

/** The pods of a revision as a real API server returns them, with all that it fills in. */
async function served(record: RevisionRecord): Promise<Deployment> {
  const { metadata, spec } = revisionDeployment(record, sampleOwner);
  const { ownerReferences: _owner, ...own } = metadata;
  await client.create(deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: own, spec: { ...spec, replicas: 0 } }, call);
  const key = { namespace, name: own.name };
  const found = await client.get(deployments, key, call);
  await client.delete(deployments, key, { propagationPolicy: 'Background' }, call);
  return found;
}

it('pods that went through a real API server are the same revision, whatever it filled in', { timeout: 300_000 }, async () => {
  await fc.assert(fc.asyncProperty(arbitraryPods, async (template) => {
    const record = render(template);
    const deployment = await served(record);
    const planned = revisionDeployment(record, sampleOwner);
    expect(strayMembers(planned, deployment), 'nothing was planned by somebody else').toEqual([]);
    expect(sorted(withoutApiDefaults(withoutAlias(deployment.spec.template)))).toEqual(sorted(planned.spec.template));
    const copied = render(asUserTemplate(deployment.spec.template, render({})));
    expect(sorted(copied.podTemplate)).toEqual(sorted(withRevision(record, copied.revision)));
    expect(copied.revision).toBe(record.revision);
  }), { numRuns: 100 });
});

it('pods with servers, keys and a token of their own went through it unchanged', async () => {
  const record = render({}, sampleServers);
  const deployment = await served(record);
  const planned = revisionDeployment(record, sampleOwner);
  expect(strayMembers(planned, deployment)).toEqual([]);
  expect(sorted(withoutApiDefaults(withoutAlias(deployment.spec.template)))).toEqual(sorted(planned.spec.template));
});

function sorted(value: object): unknown {
  return JSON.parse(canonicalJson(value));
}

/** The pods of `record` as they would be under another name. */
function withRevision({ podTemplate, revision }: RevisionRecord, name: string): object {
  return JSON.parse(JSON.stringify(podTemplate).replaceAll(revision, name)) as object;
}

/** The API server writes a deprecated name of serviceAccountName beside it. */
function withoutAlias({ metadata, spec }: PodTemplateSpec): PodTemplateSpec {
  const { serviceAccount: _alias, ...rest } = spec as PodTemplateSpec['spec'] & { serviceAccount?: string };
  return { ...(metadata === undefined ? {} : { metadata }), spec: rest };
}

/** What somebody has who copies a Deployment into spec.template and takes out what only the operator may set. */
function asUserTemplate({ metadata, spec }: PodTemplateSpec, own: RevisionRecord): object {
  const { volumes = [], containers: [ownAgent] } = own.podTemplate.spec;
  const others = (items: unknown, ours: unknown, key: string): unknown[] => ((items ?? []) as Named[]).filter((item) => !((ours ?? []) as Named[]).some((each) => each[key] === item[key]));
  const labels = Object.fromEntries(Object.entries(metadata?.labels ?? {}).filter(([key]) => !operatorLabels.includes(key) && !key.startsWith('sluice.dev/')));
  const containers = spec.containers.map((container) => {
    if (container.name !== 'agent') return container;
    const { image: _image, imagePullPolicy: _policy, env, ports, volumeMounts, ...rest } = container;
    return { ...rest, env: others(env, ownAgent?.env, 'name'), ports: others(ports, ownAgent?.ports, 'containerPort'), volumeMounts: others(volumeMounts, ownAgent?.volumeMounts, 'mountPath') };
  });
  const { topologySpreadConstraints, ...rest } = spec;
  // The operator's own names the revision itself.
  const spread = JSON.stringify(topologySpreadConstraints ?? []).includes('sluice.dev/revision') ? {} : { topologySpreadConstraints };
  return { metadata: { labels, annotations: metadata?.annotations ?? {} }, spec: { ...rest, ...spread, containers, volumes: others(spec.volumes, volumes, 'name') } };
}
