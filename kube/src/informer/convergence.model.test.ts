import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Clock } from '../clock.ts';
import type { KubeObject } from '../object.ts';
import { fakeRandom } from '../random-fake.ts';
import { defineResource } from '../resource-type.ts';
import { type Distortion, type ListFault, ModelServer, type Round } from '../testing/model-server.ts';
import { Informer } from './informer.ts';

const things = defineResource<KubeObject>({ group: '', version: 'v1', plural: 'things', kind: 'Thing', scope: 'Namespaced' });

const distortions: readonly Distortion[] = [
  'none', 'duplicate', 'swap', 'reverse', 'replay', 'malformed', 'split', 'truncate', 'junk', 'reset', 'error 410', 'error 429', 'error 500', 'end',
];
const change = fc.record({ name: fc.constantFrom('a', 'b', 'c'), op: fc.constantFrom('put' as const, 'put' as const, 'delete' as const) });
const round: fc.Arbitrary<Round> = fc.record({ changes: fc.array(change, { maxLength: 4 }), distortion: fc.constantFrom(...distortions) });
const listFault = fc.constantFrom<ListFault>('none', 'none', 'error', 'refused', 'cut');

/** Pauses are over at once; time still passes, so that watches count as short-lived. */
function hastyClock(): Clock {
  let now = 0;
  return { now: () => now, monotonic: () => now, setTimer: () => ({ cancel() {} }), sleep: async (ms) => void (now += ms) };
}

function versions(objects: Iterable<KubeObject>): Record<string, string | undefined> {
  return Object.fromEntries([...objects].map(({ metadata }) => [metadata.name, metadata.resourceVersion] as const).toSorted(([left], [right]) => left.localeCompare(right)));
}

/** Hears changes as a controller does, and insists that they make sense one after the other. */
class Listener {
  readonly known = new Map<string, KubeObject>();
  readonly #wrong: string[] = [];

  get wrong(): readonly string[] {
    return this.#wrong;
  }

  onAdd(object: KubeObject): void {
    if (this.known.has(object.metadata.name)) this.#wrong.push(`${object.metadata.name} added twice`);
    this.known.set(object.metadata.name, object);
  }

  onUpdate(object: KubeObject, previous: KubeObject): void {
    if (this.known.get(object.metadata.name) !== previous) this.#wrong.push(`${object.metadata.name} updated from what was not known`);
    if (Number(object.metadata.resourceVersion) < Number(previous.metadata.resourceVersion)) this.#wrong.push(`${object.metadata.name} went back`);
    this.known.set(object.metadata.name, object);
  }

  onDelete(object: KubeObject): void {
    if (!this.known.delete(object.metadata.name)) this.#wrong.push(`${object.metadata.name} deleted twice`);
  }
}

it('whatever a server and the way to it do to lists and lines, the cache and its listeners end with what the server has', async () => {
  const seen = new Set<string>();
  await fc.assert(fc.asyncProperty(fc.array(round, { maxLength: 6 }), fc.array(listFault, { maxLength: 4 }), async (rounds, listFaults) => {
    const stop = new AbortController();
    let server!: ModelServer;
    const idle = new Promise<void>((resolve) => { server = new ModelServer({ rounds, listFaults, onIdle: resolve }); });
    const listener = new Listener();
    const informer = new Informer<KubeObject>({
      client: server.client, type: things, clock: hastyClock(), random: fakeRandom(0.5),
      onError: (error) => seen.add((error as { reason?: string }).reason ?? error.message),
    });
    informer.addHandler({ onAdd: (object) => listener.onAdd(object), onUpdate: (object, previous) => listener.onUpdate(object, previous), onDelete: (object) => listener.onDelete(object) });
    const running = informer.run({ signal: stop.signal });
    await idle;
    const cached = versions(informer.store.list());
    stop.abort();
    await running;
    expect(cached).toEqual(versions(server.objects.values()));
    expect(versions(listener.known.values())).toEqual(cached);
    expect(listener.wrong).toEqual([]);
  }), { numRuns: 10_000 });
  // The faults were met, not avoided.
  expect([...seen].toSorted()).toEqual(['Fault', 'InternalError', 'Malformed', 'Network', 'OutOfOrder']);
}, 240_000);
