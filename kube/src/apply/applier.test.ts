import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Applied, KubeObject } from '../object.ts';
import type { ResourceType } from '../resource-type.ts';
import { secrets } from '../resources/core.ts';
import { deployments } from '../resources/workloads.ts';
import { Applier } from './applier.ts';

const call = { signal: new AbortController().signal };
const manager = { fieldManager: 'me', conflicts: 'force' } as const;
type Json = Record<string, unknown>;

/** Stores what is applied, in a form of its own. */
class Server {
  writes = 0;
  object: KubeObject | undefined;
  readonly #form: (object: Json) => Json;

  constructor(form: (object: Json) => Json = (object) => object) {
    this.#form = form;
  }

  readonly client = {
    apply: <T extends KubeObject>(_type: ResourceType<T>, object: Applied<T>): Promise<T> => {
      this.writes += 1;
      this.put(this.#form(structuredClone(object)));
      return Promise.resolve(this.object as T);
    },
  };

  put(object: Json): void {
    const { metadata, ...rest } = object as unknown as KubeObject;
    this.object = { ...rest, metadata: { ...metadata, uid: 'u', resourceVersion: String(this.writes) } };
  }
}

function widget(spec: Json): Applied<KubeObject> {
  return { apiVersion: 'example.dev/v1', kind: 'Widget', metadata: { name: 'a', namespace: 'default' }, spec } as Applied<KubeObject>;
}

const leaf = fc.oneof(fc.string({ maxLength: 6 }), fc.integer(), fc.boolean());
const { tree } = fc.letrec<{ tree: Json; value: unknown }>((tie) => ({
  tree: fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tie('value'), { minKeys: 1, maxKeys: 4 }),
  value: fc.oneof({ maxDepth: 3 }, leaf, leaf, fc.array(leaf, { maxLength: 3 }), tie('tree'), fc.array(tie('tree'), { maxLength: 2 })),
}));

/** What servers do to objects: drop zero values, rewrite some texts and numbers, add members everywhere. */
function rewritten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewritten);
  if (typeof value === 'string') return value.toUpperCase();
  if (typeof value === 'number') return value % 2 === 0 ? String(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== false && member !== '' && member !== 0);
  return { ...Object.fromEntries(members.map(([name, member]) => [name, rewritten(member)])), addedByServer: 'default' };
}

function paths(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [path];
  const entries = Array.isArray(value) ? value.map((member, index) => [index, member] as const) : Object.entries(value);
  return entries.flatMap(([name, member]) => paths(member, [...path, name]));
}

function edited(value: unknown, [first, ...rest]: readonly (string | number)[]): unknown {
  if (first === undefined) return 'a foreign value';
  if (Array.isArray(value)) return value.map((member, index) => (index === first ? edited(member, rest) : member));
  return { ...(value as Json), [first]: edited((value as Json)[first], rest) };
}

async function applied(server: Server, desired: Applied<KubeObject>, applier = new Applier({ client: server.client, ...manager })): Promise<Applier> {
  await applier.apply(deployments, { desired, cached: server.object }, call);
  return applier;
}

describe('Applier', () => {
  it('writes the same desired state once, whatever form the server gives it', async () => {
    await fc.assert(fc.asyncProperty(tree, async (spec) => {
      const server = new Server((object) => ({ ...object, spec: rewritten(object['spec']) }));
      const applier = await applied(server, widget(spec));
      for (let again = 0; again < 3; again++) await applied(server, widget(structuredClone(spec)), applier);
      expect(server.writes).toBe(1);
    }), { numRuns: 500 });
  }, 60_000);

  it('finds a change of any field it set, and puts it back with one write', async () => {
    await fc.assert(fc.asyncProperty(tree, fc.nat(), async (spec, nth) => {
      const server = new Server((object) => ({ ...object, spec: rewritten(object['spec']) }));
      const applier = await applied(server, widget(spec));
      const owned = paths(spec);
      const path = owned[nth % Math.max(1, owned.length)];
      if (path === undefined) return;
      server.put(edited(server.object, ['spec', ...path]) as Json);
      await applied(server, widget(spec), applier);
      await applied(server, widget(spec), applier);
      expect(server.writes).toBe(2);
    }), { numRuns: 500 });
  }, 60_000);

  it('leaves alone what others add beside its fields, but not inside a list it holds whole', async () => {
    const server = new Server();
    const desired = widget({ size: 1, rules: [{ from: 'a' }] });
    const applier = await applied(server, desired);
    server.put({ ...widget({ size: 1, rules: [{ from: 'a' }], theirs: 'x' }) });
    await applied(server, desired, applier);
    expect(server.writes).toBe(1);
    server.put({ ...widget({ size: 1, rules: [{ from: 'a', orFrom: 'b' }], theirs: 'x' }) });
    await applied(server, desired, applier);
    expect(server.writes).toBe(2);
  });

  it('writes when a field is no longer desired, and when the object was made anew', async () => {
    const server = new Server();
    const applier = await applied(server, widget({ size: 1, color: 'red' }));
    await applied(server, widget({ size: 1 }), applier);
    expect(server.writes).toBe(2);
    server.object = { ...server.object!, metadata: { ...server.object!.metadata, uid: 'another' }, spec: { size: 2 } } as KubeObject;
    await applied(server, widget({ size: 1 }), applier);
    expect(server.writes).toBe(3);
  });

  it('knows after a restart, from managedFields, what it held', async () => {
    const server = new Server();
    const own = { manager: 'me', operation: 'Apply', fieldsV1: { 'f:metadata': { 'f:labels': { 'f:app': {} } }, 'f:spec': { 'f:size': {}, 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {}, 'f:name': {} } }, 'f:tags': { 'v:"a"': {} } } } };
    const full = { ...widget({ size: 1, ports: [{ port: 80, name: 'http' }], tags: ['a'] }), metadata: { name: 'a', namespace: 'default', labels: { app: 'x' } } };
    const outcome = async (desired: Applied<KubeObject>) => {
      server.put({ ...full, metadata: { ...full.metadata, managedFields: [{ ...own, manager: 'other' }, own] } });
      const before = server.writes;
      await applied(server, desired, undefined);
      return server.writes - before;
    };
    expect(await outcome(full)).toBe(0);
    expect(await outcome({ ...full, metadata: { name: 'a', namespace: 'default' } })).toBe(1);
    expect(await outcome({ ...full, spec: { size: 1, ports: [{ port: 80 }], tags: ['a'] } } as Applied<KubeObject>)).toBe(1);
    expect(await outcome({ ...full, spec: { size: 1, ports: [], tags: ['a'] } } as unknown as Applied<KubeObject>)).toBe(1);
    expect(await outcome({ ...full, spec: { size: 1, ports: [{ port: 80, name: 'http' }], tags: [] } } as unknown as Applied<KubeObject>)).toBe(1);
  });

  it('sends the stringData of a Secret as data, so that a key left out goes away', async () => {
    const server = new Server();
    const applier = new Applier({ client: server.client, ...manager });
    const secret = (stringData: Record<string, string>) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'default' }, data: { kept: 'YQ==' }, stringData });
    const apply = (desired: ReturnType<typeof secret>) => applier.apply(secrets, { desired: desired, cached: server.object }, call);
    expect((await apply(secret({ token: 'hunter2' }))).outcome).toBe('created');
    expect(server.object).toMatchObject({ data: { kept: 'YQ==', token: 'aHVudGVyMg==' } });
    expect((await apply(secret({ token: 'hunter2' }))).outcome).toBe('unchanged');
    expect((await apply(secret({}))).outcome).toBe('changed');
    expect(server.object).toMatchObject({ data: { kept: 'YQ==' } });
  });

  it('remembers a bounded number of objects', async () => {
    const server = new Server();
    const applier = new Applier({ client: server.client, ...manager, maxRemembered: 10 });
    for (let index = 0; index < 50; index++) {
      const desired = { ...widget({}), metadata: { name: `w${index}`, namespace: 'default' } };
      await applier.apply(deployments, { desired, cached: undefined }, call);
    }
    expect(applier.size).toBe(10);
  });
});
