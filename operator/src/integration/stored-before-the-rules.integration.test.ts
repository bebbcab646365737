import type { AgentDeployment } from '@sluice/crds';
import { customResourceDefinitions, type CustomResourceDefinition, type MergePatch } from '@sluice/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentDeployments } from '../resources.ts';
import { agent } from './manifests.ts';
import { call, TestCluster } from './test-cluster.ts';
import { until } from './until.ts';

const timeout = 120_000;
const definitionKey = { namespace: '', name: 'agentdeployments.sluice.dev' };
const refused = { message: expect.stringContaining('must not be the name of the agent itself') as string };

type Dependencies = readonly { readonly name: string }[];

function dependingOn(name: string, dependsOn: Dependencies): AgentDeployment {
  const made = agent({ name, replicas: 1 }) as AgentDeployment;
  return { ...made, spec: { ...made.spec, rollout: { ...made.spec.rollout, dependsOn } as NonNullable<AgentDeployment['spec']['rollout']> } };
}

/** The CRD with other rules on the whole object. */
function withRules(definition: CustomResourceDefinition, rules: unknown): CustomResourceDefinition {
  const versions = definition.spec.versions.map((version) => {
    const schema = version.schema as { readonly openAPIV3Schema: Readonly<Record<string, unknown>> };
    return { ...version, schema: { openAPIV3Schema: { ...schema.openAPIV3Schema, 'x-kubernetes-validations': rules } } };
  });
  return { ...definition, spec: { ...definition.spec, versions } };
}

describe('an agent that depends on itself, stored before the API server refused that', { timeout }, () => {
  const own = [{ name: 'circular' }];
  const key = () => ({ namespace, name: 'circular' });
  let cluster: TestCluster;
  let namespace: string;

  const create = (name: string, dependsOn: Dependencies) => cluster.admin.create(agentDeployments, { ...dependingOn(name, dependsOn), metadata: { name, namespace } }, call);
  const dependOn = (dependsOn: Dependencies) => cluster.admin.mergePatch(agentDeployments, key(), { spec: { rollout: { dependsOn: [...dependsOn] } } }, call);

  async function replaceRules(rules: (definition: CustomResourceDefinition) => unknown): Promise<CustomResourceDefinition> {
    const { admin } = cluster;
    const definition = await admin.get(customResourceDefinitions, definitionKey, call);
    await admin.replace(customResourceDefinitions, withRules(definition, rules(definition)), call);
    return definition;
  }

  beforeAll(async () => {
    cluster = await TestCluster.connect(process.env);
    namespace = await cluster.namespace('stored-before');
    const { spec } = await replaceRules(() => []);
    const schema = spec.versions[0]?.schema as { readonly openAPIV3Schema: Readonly<Record<string, unknown>> };
    try {
      // What an API server is told to refuse it refuses a moment later, and the other way round.
      await until('the API server has dropped its rules', () => create('circular', own).then(() => 'stored', () => 'refused'), (answer) => answer === 'stored');
    } finally {
      await replaceRules(() => schema.openAPIV3Schema['x-kubernetes-validations']);
    }
    await until('the API server has its rules again', () => create('circular-too', [{ name: 'circular-too' }]).then(() => 'stored', (error: Error) => error.message), (answer) => answer.includes('must not be the name of the agent itself'));
  }, timeout);

  afterAll(() => cluster.close());

  it('takes a status, or nobody could tell what is wrong with it', async () => {
    const { admin } = cluster;
    await admin.mergePatchStatus(agentDeployments, key(), { status: { observedGeneration: 1, message: 'seen' } }, call);
    expect((await admin.get(agentDeployments, key(), call)).status?.message).toBe('seen');
  });

  it.each<readonly [string, MergePatch<AgentDeployment>]>([
    ['a label', { metadata: { labels: { team: 'a' } } }],
    ['a finalizer', { metadata: { finalizers: ['example.com/keep'] } }],
    ['the removal of a finalizer', { metadata: { finalizers: null } }],
    ['another number of replicas', { spec: { replicas: 2 } }],
    ['its suspension', { spec: { suspend: true } }],
  ])('takes %s', async (_what, change) => {
    await expect(cluster.admin.mergePatch(agentDeployments, key(), change, call)).resolves.toMatchObject({ spec: { rollout: { dependsOn: own } } });
  });

  it('is deleted when what waits for its end has removed its finalizer', async () => {
    const { admin } = cluster;
    await admin.mergePatch(agentDeployments, key(), { metadata: { finalizers: ['example.com/keep'] } }, call);
    await admin.delete(agentDeployments, key(), {}, call);
    expect((await admin.get(agentDeployments, key(), call)).metadata.deletionTimestamp).toBeDefined();
    await admin.mergePatch(agentDeployments, key(), { metadata: { finalizers: null } }, call);
    expect(await admin.find(agentDeployments, key(), call)).toBeUndefined();
  });

  it('is refused when it is made, and when it comes to it', async () => {
    await expect(create('circular', own)).rejects.toMatchObject(refused);
    await create('circular', [{ name: 'other' }]);
    await expect(dependOn(own)).rejects.toMatchObject(refused);
    await expect(dependOn([{ name: 'other' }, ...own])).rejects.toMatchObject(refused);
    await cluster.admin.delete(agentDeployments, key(), {}, call);
  });
});
