import { describe, expect, it } from 'vitest';
import { exitCode } from '../exit-code.ts';
import { agentYaml, providerYaml } from '../fixtures/eval-manifests.ts';
import { recorded } from '../fixtures/recorded-surroundings.ts';
import { readManifests } from './manifests.ts';
import { prepareAgent } from './prepared-agent.ts';

const key = { SLUICE_PROVIDER_API_KEY: 'sk-1' };

async function prepare(files: Readonly<Record<string, string>>, { agent, env = key }: { readonly agent?: string; readonly env?: Readonly<Record<string, string>> } = {}): Promise<ReturnType<typeof prepareAgent>> {
  const manifests = await readManifests(Object.keys(files), recorded({ files }).surroundings);
  return prepareAgent(manifests, { agent, further: [], env, now: 0 });
}

describe('an agent from manifests', () => {
  it('has the bundle that the operator gives its pods, defaults and all', async () => {
    const { bundle, keyVariables } = await prepare({ 'agent.yaml': `${agentYaml()}---\n${providerYaml}` });
    expect(bundle).toMatchObject({ agent: { namespace: 'shop', name: 'support' }, model: { name: 'model-1', provider: { kind: 'Anthropic', endpoint: 'http://127.0.0.1:9' }, parameters: { maxOutputTokens: 1024 } }, prompt: 'You help customers.', limits: { requestTimeoutMs: 60_000 } });
    expect(keyVariables).toEqual({ SLUICE_PROVIDER_API_KEY: 'sk-1' });
  });

  it('reads its prompt from a ConfigMap of the files, and needs no namespace', async () => {
    const agent = agentYaml().replace('{ inline: "You help customers." }', '{ configMapKeyRef: { name: texts, key: prompt } }').replace(', namespace: shop', '');
    const { bundle } = await prepare({ 'agent.yaml': agent, 'provider.yaml': providerYaml, 'texts.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: texts }\ndata: { prompt: "Be kind." }\n' });
    expect([bundle.prompt, bundle.agent.namespace]).toEqual(['Be kind.', 'default']);
  });

  const fromConfigMap = agentYaml().replace('{ inline: "You help customers." }', '{ configMapKeyRef: { name: texts, key: prompt } }');
  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['without an AgentDeployment', { 'p.yaml': providerYaml }, 'the files hold no AgentDeployment: name its manifest by -f'],
    ['without its provider', { 'a.yaml': agentYaml() }, 'spec.agent.model.providerRef.name is "demo", and the files hold no ModelProvider of that name'],
    ['without its prompt', { 'a.yaml': fromConfigMap, 'p.yaml': providerYaml }, 'spec.agent.prompt.configMapKeyRef.name is "texts", and the files hold no ConfigMap'],
    ['with another key', { 'a.yaml': fromConfigMap, 'p.yaml': providerYaml, 'c.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: texts }\ndata: { other: x }\n' }, 'key is "prompt", which is no text in the data of ConfigMap "texts" of c.yaml'],
    ['that lint would refuse', { 'a.yaml': agentYaml().replace('name: model-1', 'nmae: model-1'), 'p.yaml': providerYaml }, 'a.yaml: document 1, AgentDeployment/support: spec.agent.model.nmae'],
    ['that is there twice', { 'a.yaml': agentYaml(), 'b.yaml': agentYaml().replace('name: support', 'name: sales'), 'p.yaml': providerYaml }, 'the files hold 2 AgentDeployments (support, sales): name one by --agent'],
    ['in a file that is no YAML', { 'a.yaml': 'a: [', 'p.yaml': providerYaml }, 'a.yaml: document 1: no valid YAML'],
  ])('is refused %s', async (_name, files, sentence) => {
    await expect(prepare(files)).rejects.toThrow(sentence);
    await expect(prepare(files)).rejects.toMatchObject({ exitCode: exitCode.badInput });
  });

  it('is the one that --agent names', async () => {
    const files = { 'a.yaml': agentYaml(), 'b.yaml': agentYaml().replace('name: support', 'name: sales'), 'p.yaml': providerYaml };
    expect((await prepare(files, { agent: 'sales' })).bundle.agent.name).toBe('sales');
    await expect(prepare(files, { agent: 'legal' })).rejects.toThrow('--agent "legal" is in none of the files: name one of support, sales');
  });

  it('says which file cannot be read', async () => {
    await expect(readManifests(['nowhere.yaml'], recorded().surroundings)).rejects.toMatchObject({ exitCode: exitCode.noInput, message: expect.stringContaining('cannot read "nowhere.yaml"') });
  });
});

describe('the key of a provider', () => {
  const own = providerYaml.replace(' endpoint: "http://127.0.0.1:9",', '');
  const open = providerYaml.replace(', apiKeySecretRef: { name: key, key: api-key }', '');
  const agent = { 'agent.yaml': agentYaml() };

  it('comes from the customary variable for the own endpoint of the provider alone', async () => {
    const env = { ANTHROPIC_API_KEY: 'sk-mine', OPENAI_API_KEY: 'sk-other' };
    expect((await prepare({ ...agent, 'p.yaml': own }, { env })).keyVariables).toEqual({ SLUICE_PROVIDER_API_KEY: 'sk-mine' });
    await expect(prepare({ ...agent, 'p.yaml': providerYaml }, { env })).rejects.toThrow('none of the variables SLUICE_PROVIDER_API_KEY, SLUICE_PROVIDER_API_KEY_FILE is set');
  });

  it('is not given to an endpoint that asks for none', async () => {
    expect((await prepare({ ...agent, 'p.yaml': open }, { env: key })).keyVariables).toEqual({});
  });

  it('may be in a file', async () => {
    expect((await prepare({ ...agent, 'p.yaml': own }, { env: { ...key, SLUICE_PROVIDER_API_KEY_FILE: '/key' } })).keyVariables).toEqual({ SLUICE_PROVIDER_API_KEY_FILE: '/key' });
  });
});
