import type { Deployment, KubeClient, KubeObject, ResourceType } from '@sluice/kube';
import { expect, it } from 'vitest';
import { sampleAgent } from '../revision/testing/sample-agent.ts';
import { lookUpAdoption } from './look-up.ts';
import { adoptedByAnnotation } from './plan.ts';

const serving = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'legacy', namespace: 'demo' }, spec: { replicas: 2, selector: {}, template: {} } } as unknown as Deployment;
const over: Deployment = { ...serving, metadata: { ...serving.metadata, annotations: { [adoptedByAnnotation]: 'support' } }, spec: { ...serving.spec, replicas: 0 } };
const route = { parentRefs: [{ name: 'public' }], pathPrefix: '/support' };

async function askedOf(deployment: Deployment | undefined, more: object): Promise<string[]> {
  const asked: string[] = [];
  const client = {
    find: async ({ kind }: ResourceType): Promise<KubeObject | undefined> => {
      asked.push(`get ${kind}`);
      return kind === 'Deployment' ? deployment : undefined;
    },
    list: async ({ kind }: ResourceType) => {
      asked.push(`list ${kind}`);
      return { items: [] };
    },
  } as unknown as KubeClient;
  const agent = sampleAgent();
  await lookUpAdoption({ ...agent, spec: { ...agent.spec, ...more } }, client, { signal: new AbortController().signal });
  return asked;
}

it.each<[string, Deployment | undefined, object, readonly string[]]>([
  ['an agent that adopts nothing', serving, {}, []],
  ['what still serves', serving, { adopt: { deploymentRef: { name: 'legacy' } } }, ['get Deployment', 'get Service', 'list HorizontalPodAutoscaler', 'list Service']],
  ['what was taken over to its end: no list, however often it is looked at', over, { adopt: { deploymentRef: { name: 'legacy' } } }, ['get Deployment', 'get Service']],
  ['the same with a route, past which others may lead', over, { adopt: { deploymentRef: { name: 'legacy' } }, route }, ['get Deployment', 'get Service', 'list Service', 'list HTTPRoute']],
  ['what is gone', undefined, { adopt: { deploymentRef: { name: 'legacy' } } }, ['get Deployment', 'get Service']],
])('asks no more than it needs of %s', async (_title, deployment, more, asked) => {
  expect(await askedOf(deployment, more)).toEqual(asked);
});
