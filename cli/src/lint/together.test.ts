import { describe, expect, it } from 'vitest';
import { lintFile } from './lint-file.ts';
import { togetherWarnings } from './together.ts';

const ours = (kind: string, name: string, spec: object, namespace?: string): object => ({ apiVersion: 'sluice.dev/v1alpha1', kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, spec });
const core = (kind: string, name: string, more: object = {}): object => ({ apiVersion: 'v1', kind, metadata: { name }, ...more });

const agent = (more: object = {}, agentMore: object = {}, namespace?: string): object =>
  ours('AgentDeployment', 'baker', { agent: { model: { providerRef: { name: 'simm' }, name: 'm-1' }, prompt: { inline: 'Be brief.' }, ...agentMore }, ...more }, namespace);
const gated = (gates: object): object => ({ rollout: { steps: [{ weight: 50, duration: '5m' }], gates } });
const provider = (more: object = {}, namespace?: string): object => ours('ModelProvider', 'simm', { kind: 'OpenAI', endpoint: 'http://x', ...more }, namespace);
const suite = (more: object = {}): object => ours('EvalSuite', 'bakery-suite', { cases: [{ name: 'a', input: { text: 'q' }, expect: { contains: ['x'] } }], ...more });
const price = (model: string): object => ({ prices: [{ model, inputDollarsPerMillionTokens: 1, outputDollarsPerMillionTokens: 2 }] });

function warned(...objects: readonly object[]): string[] {
  const files = objects.map((object, index) => lintFile(`${index + 1}.yaml`, JSON.stringify(object), { now: 0 }));
  expect(files.flatMap(({ problems }) => problems)).toEqual([]);
  return togetherWarnings(files.flatMap(({ manifests }) => manifests));
}

describe('what manifests name and none of them holds', () => {
  it.each<[string, readonly object[], string]>([
    ['a suite, with the one that was meant', [agent(gated({ evals: [{ suiteRef: { name: 'bakery-suit' } }] })), provider(), suite()], 'spec.rollout.gates.evals[0].suiteRef.name: no file here has EvalSuite "bakery-suit"; is it in the cluster? "bakery-suite" is here'],
    ['a provider', [agent(), suite()], 'spec.agent.model.providerRef.name: no file here has ModelProvider "simm"; is it in the cluster?'],
    ['an agent', [agent({ rollout: { dependsOn: [{ name: 'bakr' }] } }), provider()], 'spec.rollout.dependsOn[0].name: no file here has AgentDeployment "bakr"; is it in the cluster? "baker" is here'],
    ['the ConfigMap of the prompt', [agent({}, { prompt: { configMapKeyRef: { name: 'prompts', key: 'a' } } }), provider()], 'spec.agent.prompt.configMapKeyRef: no file here has ConfigMap "prompts"'],
    ['a key of it', [agent({}, { prompt: { configMapKeyRef: { name: 'prompts', key: 'promt' } } }), provider(), core('ConfigMap', 'prompts', { data: { prompt: 'x' } })], 'spec.agent.prompt.configMapKeyRef: ConfigMap "prompts" has no key "promt"; it has prompt'],
    ['the ConfigMap of cases', [suite({ casesFrom: [{ configMap: { name: 'nothere', key: 'cases.jsonl' } }] }), provider()], 'spec.casesFrom[0].configMap: no file here has ConfigMap "nothere"; is it in the cluster?'],
    ['a Secret', [provider({ apiKeySecretRef: { name: 'nokey', key: 'api-key' } }), suite()], 'spec.apiKeySecretRef: no file here has Secret "nokey"; is it in the cluster?'],
    ['a ConfigMap of the pods', [agent({ template: { spec: { containers: [{ name: 'agent', envFrom: [{ configMapRef: { name: 'settings' } }] }] } } }), provider()], 'spec.template.spec.containers[name=agent].envFrom[0].configMapRef: no file here has ConfigMap "settings"'],
    ['a provider of another namespace', [agent({}, {}, 'bakery'), provider({}, 'shop')], 'ModelProvider "simm" is in namespace "shop" here, and is looked for in "bakery"'],
  ])('%s', (_title, objects, says) => {
    const warnings = warned(...objects);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^1\.yaml: document 1, \w+\/[-\w]+: warning: spec\./);
    expect(warnings[0]).toContain(says);
  });

  it.each<[string, readonly object[]]>([
    ['all of it is there', [agent(gated({ evals: [{ suiteRef: { name: 'bakery-suite' } }] }), {}, 'bakery'), provider({}, 'bakery'), suite()]],
    ['a manifest is given alone', [agent()]],
    ['kustomize makes it', [provider({ apiKeySecretRef: { name: 'k', key: 'x' } }), { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', secretGenerator: [{ name: 'k' }] }]],
    ['a Secret is made in the cluster', [provider({ apiKeySecretRef: { name: 'k', key: 'x' } }), { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata: { name: 'e' }, spec: { target: { name: 'k' } } }]],
    ['pods start without it', [agent({ template: { spec: { containers: [{ name: 'agent', envFrom: [{ configMapRef: { name: 'settings', optional: true } }] }] } } }), provider()]],
  ])('is no matter where %s', (_title, objects) => {
    expect(warned(...objects)).toEqual([]);
  });
});

describe('a model whose cost is to be measured and that has no price', () => {
  const cost = gated({ objectives: [{ name: 'success', successRate: {} }, { name: 'x-price', cost: { maxIncreasePercent: 50 } }], interval: '1s' });

  it('is named with the prices that there are', () => {
    expect(warned(agent(cost), provider(price('m-l')))).toEqual([
      '1.yaml: document 1, AgentDeployment/baker: warning: spec.rollout.gates.objectives[1].cost: ModelProvider "simm" has no price for model "m-1" (spec.agent.model.name), so "x-price" is never measured and guards nothing: write "m-l" in one of the two places, or name it in spec.prices too; there are prices for "m-l"',
    ]);
    expect(warned(agent(cost), provider()).join()).toContain('name it in spec.prices of the ModelProvider, which has none');
  });

  it.each<[string, object, string]>([
    ['a budget', suite({ budget: { dollars: 5 } }), 'spec.rollout.gates.evals[0].suiteRef: ModelProvider "simm" has no price for model "m-1" (spec.agent.model.name), so spec.budget.dollars of EvalSuite "bakery-suite" cannot be held'],
    ['a case', suite({ cases: [{ name: 'a', input: { text: 'q' }, expect: { maxCostDollars: 1 } }] }), 'spec.cases[0].expect.maxCostDollars of EvalSuite "bakery-suite"'],
  ])('is a matter of a suite with the bound of %s, too', (_title, bounded, says) => {
    expect(warned(agent(gated({ evals: [{ suiteRef: { name: 'bakery-suite' } }] })), provider(), bounded).join()).toContain(says);
  });

  it.each<[string, readonly object[]]>([
    ['it has one', [agent(cost), provider(price('m-1'))]],
    ['nothing measures it', [agent(), provider()]],
  ])('is no matter where %s', (_title, objects) => {
    expect(warned(...objects)).toEqual([]);
  });

  describe('and that judges the cases of a suite', () => {
    const gate = gated({ evals: [{ suiteRef: { name: 'bakery-suite' } }] });
    const judged = (more: object = {}): object => suite({ judge: { model: 'judge-1', examples: [{ input: 'q', answer: 'a', rubric: 'r', label: 'Pass' }] }, ...more });
    const at = '1.yaml: document 1, AgentDeployment/baker: warning: spec.rollout.gates.evals[0].suiteRef: ModelProvider "simm" has no price for model "judge-1" (spec.judge.model of EvalSuite "bakery-suite"), so';

    it.each<[string, readonly object[], string]>([
      ['a budget in dollars', [agent(gate), provider(price('m-1')), judged({ budget: { dollars: 5 } })], `${at} spec.budget.dollars of EvalSuite "bakery-suite" cannot be held and its runs are NotMeasured: name it in spec.prices of the ModelProvider; there are prices for "m-1"`],
      ['no budget', [agent(gate), provider(price('m-1')), judged()], `${at} what its judgements cost is not known: name it in spec.prices of the ModelProvider; there are prices for "m-1"`],
    ])('is named with %s', (_title, objects, says) => {
      expect(warned(...objects)).toEqual([says]);
    });

    it.each<[string, readonly object[]]>([
      ['it has one', [agent(gate), provider({ prices: [...(price('m-1') as { prices: object[] }).prices, ...(price('judge-1') as { prices: object[] }).prices] }), judged({ budget: { dollars: 5 } })]],
      ['nothing has a price and nothing is to be held in dollars', [agent(gate), provider(), judged()]],
    ])('is no matter where %s', (_title, objects) => {
      expect(warned(...objects)).toEqual([]);
    });
  });
});
