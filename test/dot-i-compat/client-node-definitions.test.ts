import { KubeConfig, type KubernetesObject, KubernetesObjectApi, loadYaml } from '@kubernetes/client-node';
import { installCrd, KubeClient, Transport } from '@sluice/kube';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { connectionTo } from '../../kube/src/testing/connection.ts';
import { answer, ScriptedServer } from '../../kube/src/testing/scripted-server.ts';

const yaml = await readFile(join(import.meta.dirname, 'your-crd.yaml'), 'utf8');
const discovery = {
  '/apis/apiextensions.k8s.io/v1': { kind: 'APIResourceList', resources: [{ name: 'customresourcedefinitions', kind: 'CustomResourceDefinition', namespaced: false }] },
  '/apis/apps/v1': { kind: 'APIResourceList', resources: [{ name: 'deployments', kind: 'Deployment', namespaced: true }] },
  '/apis/dot-i.com/v1': { kind: 'APIResourceList', resources: [{ name: 'mycustomresources', kind: 'MyCustomResource', namespaced: true }] },
} as Readonly<Record<string, object>>;
let server: ScriptedServer;
let sent: string[];
let held: { metadata: object; status?: object } | undefined;

beforeEach(async () => {
  sent = [];
  held = undefined;
  server = await ScriptedServer.listen({
    script: (request, response) => {
      const found = discovery[request.path];
      if (found !== undefined) return answer(response, 200, found);
      if (request.method === 'GET') return answer(response, held === undefined ? 404 : 200, held ?? { kind: 'Status', code: 404, reason: 'NotFound' });
      sent.push(request.body);
      const body = JSON.parse(request.body) as { metadata: object };
      held = { ...body, metadata: { ...body.metadata, resourceVersion: '2' }, status: { conditions: [{ type: 'NamesAccepted', status: 'True' }, { type: 'Established', status: 'True' }] } };
      answer(response, 201, request.body);
    },
  });
});

afterEach(() => server.close());

function theirClient(): KubernetesObjectApi {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'c', server: server.url, skipTLSVerify: true }], users: [{ name: 'u', token: 'of-a-test' }], contexts: [{ name: 'x', cluster: 'c', user: 'u' }], currentContext: 'x',
  });
  return KubernetesObjectApi.makeApiClient(config);
}

async function withOurs(act: (client: KubeClient, call: { signal: AbortSignal }) => Promise<unknown>): Promise<void> {
  const transport = new Transport({ connection: connectionTo(server.url) });
  await act(new KubeClient({ transport }), { signal: new AbortController().signal });
  await transport.close();
}

function keysIn(body: string | undefined): number {
  return body?.match(/"x-kubernetes-[a-z-]+"/g)?.length ?? 0;
}

describe('row B.3/a definition parsed from YAML', () => {
  it('reaches the server whole by ours; client-node drops every x-kubernetes key', async () => {
    await theirClient().create(parse(yaml) as never);
    expect(keysIn(sent.at(-1))).toBe(0);
    held = undefined;
    await withOurs((client, call) => installCrd(client, parse(yaml), { fieldManager: 'tests' }, call));
    expect(keysIn(sent.at(-1))).toBe(1);
    expect(JSON.parse(sent.at(-1) ?? '')).toMatchObject({ spec: (parse(yaml) as { spec: object }).spec });
  });

  it('is kept by client-node only when its own loadYaml has read it', async () => {
    await theirClient().create(loadYaml<KubernetesObject>(yaml));
    expect(keysIn(sent.at(-1))).toBe(1);
  });
});

describe('row B.3/a field newer than the client', () => {
  it('reaches the server by ours; client-node leaves it out', async () => {
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', namespace: 'ns' }, spec: { replicas: 1, brandNewField: 'kept' } };
    await theirClient().create(deployment as never);
    expect(sent.at(-1)).not.toContain('brandNewField');
    const deployments = { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment', scope: 'Namespaced' } as const;
    await withOurs((client, call) => client.apply(deployments, deployment, { fieldManager: 'tests', conflicts: 'force' }, call));
    expect(JSON.parse(sent.at(-1) ?? '')).toEqual(deployment);
  });
});
