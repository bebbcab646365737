import { readFile } from 'node:fs/promises';
import { agentDeploymentSpec, modelProviderSpec } from '@sluice/crds';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { parseScript } from '../provider-simulator/script/parse-script.ts';
import { exampleFiles } from '../story/manifests.ts';
import { type ExampleAgent, judgedAgent } from './judged-agent.ts';
import { FIRST, objectiveCases, prices, providerScript, twins } from './objective-cases.ts';
import { prometheusObjects, prometheusUrl, scrapeConfig } from './prometheus-pod.ts';

const gateway = { namespace: 'gateways', name: 'edge', address: '10.0.0.1', port: 80 };
const example = parseAllDocuments(await readFile(new URL(`../../${exampleFiles.v1}`, import.meta.url), 'utf8'))[0]!.toJS() as ExampleAgent;

test.each(objectiveCases)('$name: three revisions that the schema takes, judged by the objective alone', (one) => {
  const specs = [FIRST, one.asGood, one.worse].map((change) => agentDeploymentSpec.parse((judgedAgent(example, one, change, gateway) as ExampleAgent).spec));
  expect(new Set(specs.map((spec) => JSON.stringify(spec.agent))).size).toBe(3);
  for (const { rollout, route } of specs) {
    expect(rollout?.gates).toMatchObject({ source: one.source, objectives: [{ name: one.name, role: 'Gate' }] });
    expect(rollout?.gates).not.toHaveProperty('evals');
    expect(route?.pathPrefix).toBe(`/gateway-${one.name}`);
  }
});

test('what is as good is judged as what is worse: nothing but the agent differs', () => {
  const rollouts = objectiveCases.map((one) => [one.asGood, one.worse].map((change) => (judgedAgent(example, one, change, gateway) as { spec: { rollout: object } }).spec.rollout));
  for (const [asGood, worse] of rollouts) expect(worse).toEqual(asGood);
});

test('twins count the same by both sources', () => {
  const named = (name: string) => objectiveCases.find((one) => one.name === name)!;
  for (const [pods, prometheus] of twins) {
    expect([named(pods).source, named(prometheus).source]).toEqual(['Pods', 'Prometheus']);
    expect([named(prometheus).question, named(prometheus).worse]).toEqual([named(pods).question, named(pods).worse]);
  }
});

test('the simulator takes the script, and prices are those of the models', () => {
  expect(parseScript(providerScript).rules).toHaveLength(2);
  const models = objectiveCases.flatMap(({ asGood, worse }) => [asGood, worse].flatMap(({ model }) => model ?? []));
  expect(prices.map(({ model }) => model)).toEqual([example.spec.agent.model.name, ...models]);
  expect(modelProviderSpec.parse({ kind: 'Anthropic', endpoint: 'http://simulator', prices }).prices).toEqual(prices);
});

test('Prometheus is where the operator is told that it is, and may only list pods', async () => {
  const objects = (await prometheusObjects({ namespace: 'shop', testToolsImage: 'tools:1' })) as { kind: string; metadata: { name: string; namespace: string }; rules?: unknown; data?: object; spec?: { ports?: unknown } }[];
  expect(prometheusUrl('shop')).toBe('http://prometheus.shop.svc:9090');
  expect(objects.map(({ metadata }) => `${metadata.name}.${metadata.namespace}`)).toEqual(objects.map(() => 'prometheus.shop'));
  expect(objects.find(({ kind }) => kind === 'Role')?.rules).toEqual([{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }]);
  expect(Object.keys(objects.find(({ kind }) => kind === 'ConfigMap')?.data ?? {})).toContain('prometheus-main.ts');
  expect(scrapeConfig()).toMatchObject({ scrape_configs: [{ job_name: 'agents' }] });
});
