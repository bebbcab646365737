import { Agent, request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { install } from '../integration/chart-objects.ts';
import { agent } from '../integration/manifests.ts';
import { renderFor } from '../integration/rendered-chart.ts';
import { call, TestCluster } from '../integration/test-cluster.ts';
import { until } from '../integration/until.ts';

let cluster: TestCluster;
let namespace: string;
let dispatcher: Agent;
let uninstall: () => Promise<void>;
let names = 0;

beforeAll(async () => {
  cluster = await TestCluster.connect(process.env);
  namespace = await cluster.namespace('access');
  const { ca } = await cluster.connection.trust();
  const { certificate } = await cluster.connection.credentials.current(call);
  dispatcher = new Agent({ connect: { ...(ca === undefined ? {} : { ca }), ...(certificate === undefined ? {} : { cert: certificate.cert, key: certificate.key }) } });
  const rendered = await renderFor({ namespace, kubeVersion: '1.36.0' }, `watchNamespaces=["${namespace}"]`);
  uninstall = await install(cluster, rendered.filter(({ metadata }) => metadata.name.endsWith('-access')), ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding']);
  await until('the policy is in force', () => created({}), (warnings) => warnings.length > 0);
});

afterAll(async () => {
  await uninstall?.();
  await dispatcher?.close();
  await cluster?.close();
});

async function sent(method: 'POST' | 'PATCH', name: string, body: unknown): Promise<string[]> {
  const credential = await cluster.connection.credentials.current(call);
  const answer = await request(`${cluster.connection.server}/apis/sluice.dev/v1alpha1/namespaces/${namespace}/agentdeployments${name}`, {
    dispatcher, method, body: JSON.stringify(body), signal: AbortSignal.timeout(20_000),
    headers: { 'content-type': method === 'POST' ? 'application/json' : 'application/merge-patch+json', ...(credential.authorization === undefined ? {} : { authorization: credential.authorization }) },
  });
  const text = await answer.body.text();
  expect(`${answer.statusCode}${answer.statusCode < 300 ? '' : text}`).toMatch(/^20[01]$/);
  return [answer.headers['warning'] ?? []].flat().flatMap((header) => [...header.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, sentence = '']) => sentence));
}

/** The warnings that a user sees who creates an agent with these members of its spec. */
async function created(spec: object): Promise<string[]> {
  const small = agent({});
  return await sent('POST', '', { ...small, metadata: { name: `a${(names += 1)}` }, spec: { ...small.spec, access: undefined, ...spec } });
}

it('an agent that does not say who may ask it is warned of at kubectl apply, with the lines to write, and taken all the same', async () => {
  const [warning, ...more] = await created({});
  expect(more).toEqual([]);
  expect(warning).toContain(`agent \\"a${names}\\" answers nobody (401), because spec.access is not set: name callers by its keysSecretRef, issuers or serviceAccounts`);
  expect(warning).toContain('anonymous: Allowed');
  expect((await sent('PATCH', `/a${names}`, { spec: { replicas: 3 } })).join()).toContain('answers nobody');
  expect(await sent('PATCH', `/a${names}`, { metadata: { annotations: { note: 'seen' } } })).toEqual([]);
  expect(await sent('PATCH', `/a${names}`, { spec: { access: { anonymous: 'Allowed' } } })).toEqual([]);
});

const containers = (...variables: string[]) => ({ template: { spec: { containers: [{ name: 'agent' }, { name: 'agent-2', env: variables.map((name) => ({ name, value: 'x' })) }] } } });

it.each<[string, object, number]>([
  ['callers by name', { access: { keysSecretRef: { name: 'keys', key: 'access.json' } } }, 0],
  ['everybody', { access: { anonymous: 'Allowed' } }, 0],
  ['a file of its container', containers('SLUICE_ACCESS_FILE'), 0],
  ['a variable of its container', containers('OTHER', 'SLUICE_ANONYMOUS_ACCESS'), 0],
  ['other variables', containers('OTHER'), 1],
  ['a template without containers', { template: { spec: { priorityClassName: 'high' } } }, 1],
])('of an agent with %s', async (_, spec, warnings) => {
  expect(await created(spec)).toHaveLength(warnings);
});
