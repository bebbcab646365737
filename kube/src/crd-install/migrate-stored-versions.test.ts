import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KubeClient } from '../client/kube-client.ts';
import { FakeClock } from '../clock-fake.ts';
import type { CustomResourceDefinition } from '../resources/cluster.ts';
import { connectionTo } from '../testing/connection.ts';
import { eventually } from '../testing/eventually.ts';
import { gadgetDefinition, gadgetVersion } from '../testing/gadgets.ts';
import { answer, type Script, ScriptedServer, status } from '../testing/scripted-server.ts';
import { Transport } from '../transport/transport.ts';
import { migrateStoredVersions } from './migrate-stored-versions.ts';

const base = gadgetDefinition('m', [gadgetVersion('v1', { storage: false }), gadgetVersion('v2')]);
const crd = base.metadata.name;
const { group, names } = base.spec;
let server: ScriptedServer;
let transport: Transport;
let client: KubeClient;
let definition: CustomResourceDefinition;
let stores: string;
let fault: (...parts: Parameters<Script>) => 'answered' | 'pass';
const call = { signal: new AbortController().signal };

function object(name: string, version = '1'): object {
  return { apiVersion: `${group}/v2`, kind: names.kind, metadata: { name, namespace: 'ns', uid: `u-${name}`, resourceVersion: version } };
}

function hash(version: string): string {
  return createHash('sha256').update(`${group}/${version}/${names.kind}`).digest().subarray(0, 8).toString('base64');
}

const script: Script = (request, response) => {
  if (fault(request, response) === 'answered') return;
  if (request.path === `/apis/${group}/v2`) return answer(response, 200, { resources: [{ name: names.plural, kind: names.kind, namespaced: true, storageVersionHash: hash(stores) }] });
  if (request.path.endsWith('/status')) {
    definition = { ...definition, metadata: { ...definition.metadata, resourceVersion: '10' }, status: { storedVersions: (JSON.parse(request.body) as { status: { storedVersions: string[] } }).status.storedVersions } };
    return answer(response, 200, definition);
  }
  if (request.path.includes('customresourcedefinitions')) return answer(response, 200, definition);
  if (request.method === 'PATCH') return answer(response, 200, object(request.path.split('/').at(-1) ?? '', '2'));
  if (request.path.endsWith(names.plural)) {
    const second = request.query.has('continue') || !request.query.has('limit');
    return answer(response, 200, { items: request.query.has('continue') ? [object('c')] : [object('a'), object('b'), ...(second ? [object('c')] : [])], metadata: { resourceVersion: '5', ...(second ? {} : { continue: 'next' }) } });
  }
  answer(response, 200, object(request.path.split('/').at(-1) ?? '', '3'));
};

beforeEach(async () => {
  definition = { ...base, metadata: { ...base.metadata, resourceVersion: '9', uid: 'u' }, status: { storedVersions: ['v1', 'v2'] } };
  stores = 'v2';
  fault = () => 'pass';
  server = await ScriptedServer.listen({ script });
  transport = new Transport({ connection: connectionTo(server.url) });
  client = new KubeClient({ transport });
});

afterEach(async () => {
  await transport.close();
  await server.close();
});

/** Names of the objects written, with the version each write asked for. */
function written(): string[] {
  return server.requests.filter(({ method, path }) => method === 'PATCH' && !path.endsWith('/status'))
    .map(({ path, body }) => `${path.split('/').at(-1)}@${(JSON.parse(body) as { metadata: { resourceVersion: string } }).metadata.resourceVersion}`);
}

function failOnce(matches: (request: Parameters<Script>[0]) => boolean, code: number, reason: string): void {
  let failed = 0;
  fault = (request, response) => {
    if (!matches(request) || failed++ > 0) return 'pass';
    answer(response, code, status(code, reason, 'of the test'));
    return 'answered';
  };
}

it('says how a definition is named where there is none', async () => {
  server.script((_request, response) => answer(response, 404, status(404, 'NotFound', 'customresourcedefinitions "gadgets" not found')));
  await expect(migrateStoredVersions(client, 'gadgets', {}, call)).rejects.toMatchObject({ code: 404, reason: 'NotFound', message: expect.stringContaining("no CustomResourceDefinition 'gadgets'; give its name, which is plural.group") });
});

describe('migrateStoredVersions', () => {
  it('writes every page and then prunes', async () => {
    expect(await migrateStoredVersions(client, crd, { maxPerSecond: 1e6 }, call)).toEqual({ storageVersion: 'v2', removed: ['v1'], objects: 3 });
    expect(written()).toEqual(['a@1', 'b@1', 'c@1']);
    expect(definition.status?.storedVersions).toEqual(['v2']);
  });

  it('writes an object again on top of a newer version, and passes over one that is gone', async () => {
    failOnce(({ method, path }) => method === 'PATCH' && path.endsWith('/a'), 409, 'Conflict');
    await migrateStoredVersions(client, crd, { maxPerSecond: 1e6 }, call);
    expect(written()).toEqual(['a@1', 'a@3', 'b@1', 'c@1']);
    definition = { ...definition, status: { storedVersions: ['v1', 'v2'] } };
    failOnce(({ method, path }) => method === 'PATCH' && path.endsWith('/b'), 404, 'NotFound');
    expect((await migrateStoredVersions(client, crd, { maxPerSecond: 1e6 }, call)).objects).toBe(3);
  });

  it('does not prune when an object cannot be written', async () => {
    failOnce(({ method, path }) => method === 'PATCH' && path.endsWith('/c'), 422, 'Invalid');
    await expect(migrateStoredVersions(client, crd, { maxPerSecond: 1e6 }, call)).rejects.toMatchObject({ code: 422 });
    expect(definition.status?.storedVersions).toEqual(['v1', 'v2']);
  });

  it('goes on where a former run ended, and begins anew when that is too long ago for the API server to say where it was', async () => {
    await migrateStoredVersions(client, crd, { maxPerSecond: 1e6, resumeFrom: 'next' }, call);
    expect(written()).toEqual(['c@1']);
    definition = { ...definition, status: { storedVersions: ['v1', 'v2'] } };
    failOnce(({ query }) => query.has('continue'), 410, 'Expired');
    expect((await migrateStoredVersions(client, crd, { maxPerSecond: 1e6, resumeFrom: 'next' }, call)).objects).toBe(3);
  });

  it('passes over an object that is written by others again and again, but not one that is refused as it is', async () => {
    let version = 100;
    fault = ({ method, path }, response) => {
      if (!path.endsWith('/a')) return 'pass';
      answer(response, method === 'GET' ? 200 : 409, method === 'GET' ? object('a', String(version += 1)) : status(409, 'Conflict', 'of the test'));
      return 'answered';
    };
    expect((await migrateStoredVersions(client, crd, { maxPerSecond: 1e6 }, call)).objects).toBe(3);
    expect(written().filter((each) => each.startsWith('a@'))).toEqual(['a@1', 'a@101', 'a@102', 'a@103', 'a@104']);
    definition = { ...definition, status: { storedVersions: ['v1', 'v2'] } };
    fault = ({ method, path }, response) => {
      if (method !== 'PATCH' || !path.endsWith('/a')) return 'pass';
      answer(response, 409, status(409, 'Conflict', 'a webhook says no'));
      return 'answered';
    };
    // Its version is as it was read, so nobody else has written it.
    await expect(migrateStoredVersions(client, crd, { maxPerSecond: 1e6 }, call)).rejects.toThrow('a webhook says no');
    expect(definition.status?.storedVersions).toEqual(['v1', 'v2']);
  });

  it('ends, with each object written once, when every second page has expired by the time it is asked for', async () => {
    const all = Array.from({ length: 40 }, (_, index) => `o${index}`);
    let lists = 0;
    fault = ({ path, query }, response) => {
      if (!path.endsWith(names.plural)) return 'pass';
      const from = Number((query.get('continue') ?? '0').split(':')[0]);
      lists += 1;
      if (lists > 100) answer(response, 422, status(422, 'Invalid', 'begun anew for ever'));
      else if (lists % 2 === 0) answer(response, 410, status(410, 'Expired', 'too old', { metadata: { continue: `${from}:fresh` } }));
      else answer(response, 200, { items: all.slice(from, from + 4).map((name) => object(name)), metadata: { resourceVersion: '5', ...(from + 4 < all.length ? { continue: `${from + 4}:of ${lists}` } : {}) } });
      return 'answered';
    };
    expect(await migrateStoredVersions(client, crd, { maxPerSecond: 1e6, pageSize: 4 }, call)).toEqual({ storageVersion: 'v2', removed: ['v1'], objects: 40 });
    expect(written()).toEqual(all.map((name) => `${name}@1`));
    expect(lists).toBe(19);
  });

  it('says so when the API server does not come to store in the new version', async () => {
    const clock = new FakeClock();
    stores = 'v1';
    const migrating = migrateStoredVersions(client, crd, { clock }, call);
    let ended: unknown;
    migrating.catch((error: unknown) => { ended = error; });
    await eventually('it gives up', async () => {
      await clock.advance(1_000);
      return ended !== undefined;
    });
    expect(ended).toMatchObject({ name: 'CrdInstallError', reason: 'Timeout', message: expect.stringContaining("does not store in 'v2' after 60000 ms") });
    expect(clock.monotonic()).toBeGreaterThanOrEqual(60_000);
  });

  it('ends at the caller\'s signal: while it waits for its rate, between pages, and before it begins', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const migrating = migrateStoredVersions(client, crd, { maxPerSecond: 0.001, clock }, stop);
    const failed = expect(migrating).rejects.toThrow('enough');
    await eventually('it waits', () => clock.pendingTimers > 0 && written().length === 1);
    stop.abort(new Error('enough'));
    await failed;
    expect(clock.pendingTimers).toBe(0);
    const between = new AbortController();
    await expect(migrateStoredVersions(client, crd, { maxPerSecond: 1e6, onProgress: () => between.abort() }, between)).rejects.toThrow();
    expect(written()).toEqual(['a@1', 'a@1', 'b@1']);
    await expect(migrateStoredVersions(client, crd, {}, { signal: AbortSignal.abort() })).rejects.toThrow();
    expect(definition.status?.storedVersions).toEqual(['v1', 'v2']);
  });

  it('refuses when the storage version is not served, or changes meanwhile', async () => {
    failOnce(({ method, path }) => {
      if (method === 'PATCH' && path.endsWith('/c')) definition = { ...definition, spec: { ...base.spec, versions: [gadgetVersion('v1'), gadgetVersion('v2', { storage: false })] } };
      return false;
    }, 500, '');
    await expect(migrateStoredVersions(client, crd, { maxPerSecond: 1e6 }, call)).rejects.toMatchObject({ reason: 'MigrationImpossible', message: expect.stringContaining("became 'v1'") });
    definition = { ...definition, spec: { ...base.spec, versions: [gadgetVersion('v2', { served: false })] } };
    await expect(migrateStoredVersions(client, crd, {}, call)).rejects.toThrow("'v2' is not served");
    await expect(migrateStoredVersions(client, crd, { maxPerSecond: 0 }, call)).rejects.toThrow('maxPerSecond is 0');
  });

  it('waits until the API server stores in the new version, and keeps to its rate', async () => {
    const clock = new FakeClock();
    stores = 'v1';
    const migrating = migrateStoredVersions(client, crd, { maxPerSecond: 2, clock }, call);
    await eventually('it asks', () => server.requests.some(({ path }) => path === `/apis/${group}/v2`) && clock.pendingTimers > 0);
    expect(written()).toEqual([]);
    stores = 'v2';
    await clock.advance(100);
    for (const expected of [['a@1'], ['a@1', 'b@1'], ['a@1', 'b@1', 'c@1']]) {
      await eventually(`${expected.length} written`, () => written().length === expected.length && (clock.pendingTimers > 0 || expected.length === 3));
      expect(written()).toEqual(expected);
      await clock.advance(500);
    }
    expect((await migrating).objects).toBe(3);
  });
});
