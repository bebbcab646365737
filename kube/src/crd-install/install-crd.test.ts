import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KubeClient } from '../client/kube-client.ts';
import type { CustomResourceDefinition } from '../resources/cluster.ts';
import { connectionTo } from '../testing/connection.ts';
import { eventually } from '../testing/eventually.ts';
import { gadgetDefinition } from '../testing/gadgets.ts';
import { answer, type Script, ScriptedServer, status } from '../testing/scripted-server.ts';
import { Transport } from '../transport/transport.ts';
import { installCrd, installCrds } from './install-crd.ts';

const definition = gadgetDefinition('fault');
const served = { resources: [{ name: definition.spec.names.plural, kind: definition.spec.names.kind, namespaced: true }] };
const established = [{ type: 'NamesAccepted', status: 'True' }, { type: 'Established', status: 'True' }];
let server: ScriptedServer;
let transport: Transport;
let client: KubeClient;
let stop: AbortController;
let held: (CustomResourceDefinition & { status?: unknown }) | undefined;
let conditions: unknown;

/** A definition held in memory; `fault` may answer instead. */
function scripted(fault: (...parts: Parameters<Script>) => 'answered' | 'pass' = () => 'pass'): Script {
  return (request, response) => {
    if (fault(request, response) === 'answered') return;
    if (request.path.startsWith('/apis/crd-tests')) answer(response, 200, served);
    else if (request.method === 'PATCH') {
      const sent = JSON.parse(request.body) as CustomResourceDefinition;
      held = { ...sent, metadata: { ...sent.metadata, uid: 'u', resourceVersion: '8' }, status: { conditions: conditions as never } };
      answer(response, 200, held);
    } else if (held === undefined) answer(response, 404, status(404, 'NotFound', 'no such definition'));
    else answer(response, 200, held);
  };
}

beforeEach(async () => {
  held = undefined;
  conditions = established;
  server = await ScriptedServer.listen({ script: scripted() });
  transport = new Transport({ connection: connectionTo(server.url) });
  client = new KubeClient({ transport });
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await transport.close();
  await server.close();
});

function install(extra: { deadlineMs?: number } = {}): ReturnType<typeof installCrd> {
  return installCrd(client, definition, { fieldManager: 'tests', ...extra }, stop);
}

describe('installCrd', () => {
  it('creates only where nothing is, and begins anew when somebody was faster', async () => {
    let conflicts = 0;
    server.script(scripted((request, response) => {
      if (request.method !== 'PATCH' || ++conflicts > 1) return 'pass';
      held = { ...definition, metadata: { ...definition.metadata, uid: 'u', resourceVersion: '5' } };
      answer(response, 409, status(409, 'Conflict', 'the object has been modified'));
      return 'answered';
    }));
    expect((await install()).outcome).toBe('upgraded');
    const versions = server.requests.filter(({ method }) => method === 'PATCH').map(({ body }) => (JSON.parse(body) as CustomResourceDefinition).metadata.resourceVersion);
    expect(versions).toEqual(['1', '5']);
  });

  it.each(['keep', 'refuse'] as const)('does not wait for versions that a newer release took away before discovery had them (onNewer %s)', async (onNewer) => {
    const release = { annotation: 'tests/release', value: '1.0.0', order: 'semver' as const };
    server.script(scripted((request, response) => {
      if (!request.path.startsWith('/apis/crd-tests')) return 'pass';
      if (held) held = { ...held, metadata: { ...held.metadata, resourceVersion: '9', annotations: { 'tests/release': '2.0.0' } } };
      answer(response, 404, status(404, 'NotFound', 'no such version'));
      return 'answered';
    }));
    const installed = installCrd(client, definition, { fieldManager: 'tests', release, onNewer }, stop);
    if (onNewer === 'keep') expect((await installed).outcome).toBe('newer');
    else await expect(installed).rejects.toMatchObject({ reason: 'Downgrade' });
  });

  it('goes on through server errors on every path', async () => {
    const failed = new Set<string>();
    server.script(scripted((request, response) => {
      const kind = `${request.method} ${request.path}`;
      if (failed.has(kind)) return 'pass';
      failed.add(kind);
      answer(response, 500, status(500, 'InternalError', 'etcd has no leader'));
      return 'answered';
    }));
    expect((await install()).outcome).toBe('created');
    expect(failed.size).toBe(3);
  });

  it('says once that it waits for a namesake that is being deleted, and where to look', async () => {
    held = { ...definition, metadata: { ...definition.metadata, uid: 'old', deletionTimestamp: '2026-11-21T12:00:00Z' } };
    const warned: string[] = [];
    const logger = { debug() {}, info() {}, error() {}, warn: (_fields: object, message: string) => void warned.push(message) };
    const installing = installCrd(client, definition, { fieldManager: 'tests', logger }, stop);
    await eventually('it looks again', () => server.requests.length > 2);
    expect(warned).toEqual([expect.stringContaining('look for those with finalizers')]);
    held = undefined;
    expect(await installing).toMatchObject({ outcome: 'created', definition: { metadata: { name: definition.metadata.name } } });
  });

  it('names what it waited for when the deadline passes', async () => {
    conditions = [{ type: 'NamesAccepted', status: 'True' }];
    await expect(install({ deadlineMs: 400 })).rejects.toMatchObject({ reason: 'Timeout', message: expect.stringContaining('condition Established') });
  });

  it('reports a schema that is not structural, once it stands', async () => {
    conditions = [{ type: 'NamesAccepted', status: 'True' }, { type: 'NonStructuralSchema', status: 'True', reason: 'Violations', message: 'spec.type: Required value' }];
    await expect(install()).rejects.toMatchObject({ reason: 'NonStructuralSchema', message: expect.stringContaining('spec.type: Required value') });
  });

  it('passes on what is nobody’s to wait for, such as a missing right', async () => {
    server.script(scripted((request, response) => {
      if (request.method !== 'PATCH') return 'pass';
      answer(response, 403, status(403, 'Forbidden', 'may not patch'));
      return 'answered';
    }));
    await expect(install()).rejects.toMatchObject({ name: 'KubeError', code: 403 });
  });

  it('ends at once when it is cancelled', async () => {
    conditions = [];
    const installing = install();
    stop.abort();
    await expect(installing).rejects.toThrow();
  });

  it.each([
    [{ ...definition, apiVersion: 'apiextensions.k8s.io/v1beta1' }, 'write apiextensions.k8s.io/v1'],
    [{ ...definition, kind: 'ConfigMap' }, 'write CustomResourceDefinition'],
    [{ ...definition, metadata: { name: 'other' } }, `write '${definition.metadata.name}'`],
    [{ ...definition, spec: { ...definition.spec, versions: [] } }, 'mark exactly one'],
    [{ ...definition, spec: { ...definition.spec, versions: [{}] } }, 'each have a name'],
    [{ ...definition, spec: { ...definition.spec, group: '' } }, 'spec.group is missing'],
    [undefined, "apiVersion is 'undefined'"],
  ])('refuses what is no definition before it writes anything: %#', async (raw, message) => {
    await expect(installCrds(client, [definition, raw], { fieldManager: 'tests' }, stop)).rejects.toThrow(message);
    expect(server.requests).toEqual([]);
  });
});
