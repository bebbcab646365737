import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KubeClient } from '../client/kube-client.ts';
import type { ObjectMeta } from '../object.ts';
import { type ConfigMap, configMaps } from '../resources/core.ts';
import { connectionTo } from '../testing/connection.ts';
import { answer, ScriptedServer, status } from '../testing/scripted-server.ts';
import { Transport } from '../transport/transport.ts';
import { addFinalizer, hasFinalizer, removeFinalizer } from './finalizers.ts';

const call = { signal: new AbortController().signal };
let server: ScriptedServer;
let transport: Transport;
let client: KubeClient;
/** What the server holds; undefined when gone. */
let live: ConfigMap | undefined;

function object(metadata: Partial<ObjectMeta> = {}): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default', uid: 'u', resourceVersion: '1', ...metadata } };
}

interface Operation { op: string; path: string; value?: unknown }

beforeEach(async () => {
  live = object();
  server = await ScriptedServer.listen({
    script: (request, response) => {
      if (live === undefined) return answer(response, 404, status(404, 'NotFound', 'gone'));
      if (request.method === 'GET') return answer(response, 200, live);
      const operations = JSON.parse(request.body) as Operation[];
      const tests = operations.filter((operation) => operation.op === 'test');
      const failed = tests.some(({ path, value }) => live?.metadata[path.split('/')[2] as 'uid'] !== value);
      if (failed) return answer(response, 422, status(422, 'Invalid', 'test failed'));
      const finalizers = operations.find((operation) => operation.op === 'add')?.value as string[] | undefined;
      live = object({ ...(finalizers ? { finalizers } : {}), resourceVersion: String(Number(live.metadata.resourceVersion) + 1) });
      answer(response, 200, live);
    },
  });
  transport = new Transport({ connection: connectionTo(server.url) });
  client = new KubeClient({ transport });
});

afterEach(async () => {
  await transport.close();
  await server.close();
});

describe('addFinalizer', () => {
  it('adds it under a test of uid and version', async () => {
    expect(hasFinalizer(await addFinalizer(client, configMaps, object(), 'x/y', call), 'x/y')).toBe(true);
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'u' }, { op: 'test', path: '/metadata/resourceVersion', value: '1' }, { op: 'add', path: '/metadata/finalizers', value: ['x/y'] },
    ]);
  });

  it('keeps a finalizer that another controller added meanwhile', async () => {
    live = object({ finalizers: ['theirs'], resourceVersion: '9' });
    expect((await addFinalizer(client, configMaps, object(), 'x/y', call)).metadata.finalizers).toEqual(['theirs', 'x/y']);
  });

  it('writes nothing when it is there', async () => {
    const present = object({ finalizers: ['x/y'] });
    expect(await addFinalizer(client, configMaps, present, 'x/y', call)).toBe(present);
    expect(server.requests).toHaveLength(0);
  });

  it('never reports a finalizer that was not set', async () => {
    await expect(addFinalizer(client, configMaps, object({ deletionTimestamp: 't' }), 'x/y', call)).rejects.toThrow(/is being deleted/);
    live = undefined;
    await expect(addFinalizer(client, configMaps, object(), 'x/y', call)).rejects.toMatchObject({ code: 409 });
    live = object({ uid: 'another', resourceVersion: '7' });
    await expect(addFinalizer(client, configMaps, object(), 'x/y', call)).rejects.toMatchObject({ code: 409 });
  });

  it('says that it is a conflict when others were faster every time', async () => {
    let version = 100;
    server.script((request, response) => (request.method === 'GET' ? answer(response, 200, object({ resourceVersion: String(version += 1) })) : answer(response, 422, status(422, 'Invalid', 'test failed'))));
    await expect(addFinalizer(client, configMaps, object(), 'x/y', call)).rejects.toMatchObject({ code: 409, reason: 'Conflict', message: expect.stringContaining('each of 4 attempts') });
    expect(server.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(4);
  });

  it('passes on a refusal that is not a race', async () => {
    server.script((request, response) => (request.method === 'GET' ? answer(response, 200, live) : answer(response, 422, status(422, 'Invalid', 'bad finalizer name'))));
    await expect(addFinalizer(client, configMaps, object(), 'bad', call)).rejects.toThrow(/bad finalizer name/);
    expect(server.requests).toHaveLength(2);
  });
});

describe('removeFinalizer', () => {
  it('leaves the others', async () => {
    live = object({ finalizers: ['theirs', 'x/y'] });
    expect((await removeFinalizer(client, configMaps, live, 'x/y', call))?.metadata.finalizers).toEqual(['theirs']);
  });

  it('removes the member with the last one', async () => {
    live = object({ finalizers: ['x/y'] });
    await removeFinalizer(client, configMaps, live, 'x/y', call);
    expect((JSON.parse(server.requests[0]?.body ?? '') as Operation[]).at(-1)).toEqual({ op: 'remove', path: '/metadata/finalizers' });
  });

  it('is content with an object that is gone', async () => {
    live = undefined;
    expect(await removeFinalizer(client, configMaps, object({ finalizers: ['x/y'] }), 'x/y', call)).toBeUndefined();
  });
});
