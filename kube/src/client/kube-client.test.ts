import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WriteTracker } from '../consistency/write-tracker.ts';
import type { KubeObject } from '../object.ts';
import { type ConfigMap, configMaps, namespaces } from '../resources/core.ts';
import { connectionTo } from '../testing/connection.ts';
import { configMap } from '../testing/informer-rig.ts';
import { answer, type Script, ScriptedServer, status } from '../testing/scripted-server.ts';
import { Transport } from '../transport/transport.ts';
import { KubeClient, type KubeClientOptions } from './kube-client.ts';

const call = { signal: new AbortController().signal };
const key = { namespace: 'default', name: 'a' };
let server: ScriptedServer;
let transport: Transport;

beforeEach(async () => {
  server = await ScriptedServer.listen({ script: echo });
  transport = new Transport({ connection: connectionTo(server.url) });
});

afterEach(async () => {
  await transport.close();
  await server.close();
});

const echo: Script = (_request, response) => answer(response, 200, { ...configMap('a'), metadata: { name: 'a', namespace: 'default', resourceVersion: '7' } });

function client(options: Partial<KubeClientOptions> = {}): KubeClient {
  return new KubeClient({ transport, ...options });
}

function last(): { method: string; target: string; type: string | undefined; body: unknown } {
  const request = server.requests.at(-1);
  const query = request?.query.toString();
  return {
    method: request?.method ?? '', target: `${request?.path}${query ? `?${query}` : ''}`, type: request?.headers['content-type'],
    body: request?.body ? (JSON.parse(request.body) as unknown) : undefined,
  };
}

describe('KubeClient writes', () => {
  const path = '/api/v1/namespaces/default/configmaps';
  const object = configMap('a', { v: '1' });

  it.each<[string, (kube: KubeClient) => Promise<unknown>, string, string, string, unknown]>([
    ['create', (kube) => kube.create(configMaps, object, call), 'POST', path, 'application/json', object],
    ['replace', (kube) => kube.replace(configMaps, object, call), 'PUT', `${path}/a`, 'application/json', object],
    ['replaceStatus', (kube) => kube.replaceStatus(configMaps, object, call), 'PUT', `${path}/a/status`, 'application/json', object],
    ['mergePatch', (kube) => kube.mergePatch(configMaps, key, { data: { v: null } }, call), 'PATCH', `${path}/a`, 'application/merge-patch+json', { data: { v: null } }],
    ['mergePatchStatus', (kube) => kube.mergePatchStatus(configMaps, key, { data: {} }, call), 'PATCH', `${path}/a/status`, 'application/merge-patch+json', { data: {} }],
    ['jsonPatch', (kube) => kube.jsonPatch(configMaps, key, [{ op: 'remove', path: '/data' }], call), 'PATCH', `${path}/a`, 'application/json-patch+json', [{ op: 'remove', path: '/data' }]],
    ['apply', (kube) => kube.apply(configMaps, object, { fieldManager: 'me', conflicts: 'force' }, call), 'PATCH', `${path}/a?fieldManager=me&force=true`, 'application/apply-patch+yaml', object],
    ['applyStatus', (kube) => kube.applyStatus(configMaps, object, { fieldManager: 'me', conflicts: 'fail' }, call), 'PATCH', `${path}/a/status?fieldManager=me&force=false`, 'application/apply-patch+yaml', object],
  ])('%s', async (_name, write, method, target, type, body) => {
    await write(client());
    expect(last()).toEqual({ method, target, type, body });
  });

  it('delete sends preconditions and propagation', async () => {
    server.script((_request, response) => answer(response, 200, { kind: 'Status', status: 'Success' }));
    await client().delete(configMaps, key, { propagationPolicy: 'Foreground', preconditions: { uid: 'u' } }, call);
    expect(last()).toMatchObject({ method: 'DELETE', target: `${path}/a`, body: { kind: 'DeleteOptions', propagationPolicy: 'Foreground', preconditions: { uid: 'u' } } });
  });

  it('pass on a dry run and field validation, and keep a dry run from the write tracker', async () => {
    const writes = new WriteTracker();
    const view = writes.follow(configMaps, { resourceVersion: '3', get: () => undefined }, () => true);
    await client({ writes }).create(configMaps, object, { ...call, dryRun: 'All', fieldValidation: 'Strict' });
    expect(last().target).toBe(`${path}?dryRun=All&fieldValidation=Strict`);
    expect(view.isBehind('default/a')).toBe(false);
    await client({ writes }).delete(configMaps, key, {}, { ...call, dryRun: 'All' });
    expect(last().target).toBe(`${path}/a?dryRun=All`);
  });

  it('deleteAll sends its selectors once, and refuses to go over all namespaces', async () => {
    server.script((_request, response) => answer(response, 200, { kind: 'Status', status: 'Success' }));
    await client().deleteAll(configMaps, { namespace: 'default', labelSelector: 'a=b', propagationPolicy: 'Background' }, call);
    expect(last()).toMatchObject({ method: 'DELETE', target: `${path}?labelSelector=a%3Db`, body: { kind: 'DeleteOptions', propagationPolicy: 'Background' } });
    await expect(client().deleteAll(configMaps, {}, call)).rejects.toThrow(/give options\.namespace/);
  });

  it('reach any subresource of any type, each verb, stopped by beforeWrite as all writes are', async () => {
    server.script((_request, response) => answer(response, 200, { kind: 'Scale', spec: { replicas: 2 } }));
    const scale = client({ fieldManager: 'me' }).subresource(configMaps, 'scale');
    expect(await scale.get<{ spec: { replicas: number } }>(key, call)).toMatchObject({ spec: { replicas: 2 } });
    await scale.create(key, { a: 1 }, call);
    expect(last()).toMatchObject({ method: 'POST', target: `${path}/a/scale?fieldManager=me` });
    await scale.replace(key, { a: 1 }, call);
    expect(last()).toMatchObject({ method: 'PUT', target: `${path}/a/scale?fieldManager=me` });
    await scale.mergePatch(key, { a: 1 }, { ...call, dryRun: 'All' });
    expect(last()).toMatchObject({ method: 'PATCH', target: `${path}/a/scale?fieldManager=me&dryRun=All`, type: 'application/merge-patch+json' });
    await scale.apply(key, { a: 1 }, { fieldManager: 'other', conflicts: 'force' }, call);
    expect(last()).toMatchObject({ method: 'PATCH', target: `${path}/a/scale?fieldManager=other&force=true`, type: 'application/apply-patch+yaml' });
    const refused = client({ beforeWrite: () => { throw new Error('not leading'); } }).subresource(configMaps, 'scale');
    await expect(refused.create(key, {}, call)).rejects.toThrow('not leading');
  });

  it('name a field manager when given one', async () => {
    await client({ fieldManager: 'operator' }).create(configMaps, object, call);
    expect(last().target).toBe(`${path}?fieldManager=operator`);
  });

  it('keep fields that no type mentions, both ways', async () => {
    server.script((request, response) => answer(response, 201, request.body));
    const unknown: ConfigMap & { brandNew: unknown } = { ...object, brandNew: { deep: [1, null, { x: 'y' }] } };
    expect(await client().create<KubeObject>(configMaps, unknown, call)).toEqual(unknown);
  });

  it('are stopped by beforeWrite; reads are not', async () => {
    const kube = client({ beforeWrite: () => { throw new Error('not leading'); } });
    await expect(kube.create(configMaps, object, call)).rejects.toThrow('not leading');
    await expect(kube.delete(configMaps, key, {}, call)).rejects.toThrow('not leading');
    expect(server.requests).toHaveLength(0);
    expect((await kube.get(configMaps, key, call)).metadata.name).toBe('a');
  });

  it('are reported to the write tracker', async () => {
    const writes = new WriteTracker();
    const view = writes.follow(configMaps, { resourceVersion: '3', get: () => undefined }, () => true);
    await client({ writes }).create(configMaps, object, call);
    expect(view.isBehind('default/a')).toBe(true);
  });

  it('refuse a namespaced object without a namespace', async () => {
    const { namespace: _, ...metadata } = object.metadata;
    await expect(async () => client().create(configMaps, { ...object, metadata }, call)).rejects.toThrow(/metadata\.namespace is empty/);
  });
});

describe('KubeClient reads', () => {
  it('find is undefined only for 404', async () => {
    server.script((_request, response) => answer(response, 404, status(404, 'NotFound', 'no')));
    expect(await client().find(configMaps, key, call)).toBeUndefined();
    server.script((_request, response) => answer(response, 403, status(403, 'Forbidden', 'no')));
    await expect(client().find(configMaps, key, call)).rejects.toMatchObject({ code: 403 });
  });

  it('says when something else than the API server answered', async () => {
    server.script((_request, response) => answer(response, 200, { hello: 'world' }));
    await expect(client().get(configMaps, key, call)).rejects.toMatchObject({ reason: 'Malformed' });
    await expect(client().list(configMaps, {}, call)).rejects.toMatchObject({ reason: 'Malformed' });
  });

  it('listAll goes through all pages', async () => {
    server.script((request, response) => {
      const from = Number(request.query.get('continue') ?? 0);
      answer(response, 200, { items: [{ metadata: { name: `n${from}` } }], metadata: { resourceVersion: '5', ...(from < 2 ? { continue: String(from + 1) } : {}) } });
    });
    const names: string[] = [];
    for await (const namespace of client().listAll(namespaces, { labelSelector: 'a=b' }, call)) names.push(`${namespace.kind} ${namespace.metadata.name}`);
    expect(names).toEqual(['Namespace n0', 'Namespace n1', 'Namespace n2']);
    expect(last().target).toBe('/api/v1/namespaces?limit=500&labelSelector=a%3Db&continue=2');
  });

  it('takes a null list for an empty one', async () => {
    server.script((_request, response) => answer(response, 200, { items: null, metadata: { resourceVersion: '5', continue: '' } }));
    expect(await client().list(configMaps, {}, call)).toEqual({ items: [], resourceVersion: '5', continue: undefined });
  });

  it('podLogs gives lines, the last one without its newline too', async () => {
    server.script((_request, response) => void response.writeHead(200).end('one\ntwo\nthree'));
    const lines: string[] = [];
    for await (const line of client().podLogs(key, { container: 'c', tailLines: 3, follow: 'follow', run: 'previous' }, call)) lines.push(line);
    expect(lines).toEqual(['one', 'two', 'three']);
    expect(last().target).toBe('/api/v1/namespaces/default/pods/a/log?container=c&tailLines=3&follow=true&previous=true');
  });

  it('take an AbortController for their call, too', async () => {
    expect((await client().get(configMaps, key, new AbortController())).metadata.name).toBe('a');
  });

  it('discover kinds with their verbs and subresources', async () => {
    const resources = [
      { name: 'deployments', kind: 'Deployment', namespaced: true, verbs: ['get', 'list'], shortNames: ['deploy'], storageVersionHash: 'h1' },
      { kind: 'NameLess' },
      { name: 'deployments/scale', kind: 'Scale', namespaced: true, group: 'autoscaling' },
    ];
    server.script((request, response) => (request.path === '/apis/apps/v1' ? answer(response, 200, { kind: 'APIResourceList', groupVersion: 'apps/v1', resources }) : answer(response, 404, status(404, 'NotFound', 'no'))));
    expect(await client().resourceOf({ apiVersion: 'apps/v1', kind: 'Deployment' }, call)).toEqual({
      type: { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment', scope: 'Namespaced' }, verbs: ['get', 'list'], shortNames: ['deploy'], subresources: ['scale'],
      storageVersionHash: 'h1',
    });
    expect(await client().resourceOf({ apiVersion: 'apps/v1', kind: 'Scale' }, call)).toBeUndefined();
    expect(await client().resourceOf({ apiVersion: 'acme.dev/v1', kind: 'Gadget' }, call)).toBeUndefined();
    server.script((_request, response) => answer(response, 200, { kind: 'APIResourceList', groupVersion: 'acme.dev/v1', resources: null }));
    expect(await client().resources('acme.dev/v1', call)).toEqual([]);
    server.script((_request, response) => answer(response, 200, { kind: 'Other' }));
    await expect(client().resources('v1', call)).rejects.toMatchObject({ reason: 'Malformed' });
    expect(last().target).toBe('/api/v1');
  });

  it('raw reads any path', async () => {
    server.script((_request, response) => answer(response, 200, { gitVersion: 'v1.36.0' }));
    expect(await client().raw('/version', call)).toEqual({ gitVersion: 'v1.36.0' });
    expect(await client().rawText('/readyz', call)).toContain('gitVersion');
  });
});
