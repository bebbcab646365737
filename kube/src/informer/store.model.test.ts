import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { KubeObject } from '../object.ts';
import { ObjectStore, type StoreChange } from './store.ts';

interface Known {
  readonly version: number;
  readonly app: string;
}

const name = fc.constantFrom('a', 'b', 'c', 'd');
const app = fc.constantFrom('x', 'y', '');
/** Events may be late: `behind` versions old. */
const late = fc.constantFrom(0, 0, 0, 1, 3);
const event = fc.record({ type: fc.constantFrom('upsert' as const, 'remove' as const), name, app, behind: late });
const list = fc.record({ type: fc.constant('list' as const), items: fc.uniqueArray(fc.record({ name, app }), { selector: (item) => item.name }) });

/** Two of the names share a namespace, the others have one each, or none. */
const namespaces: Readonly<Record<string, string>> = { a: 'one', b: 'one', c: 'two', d: '' };

function object(of: string, { version, app: label }: Known): KubeObject {
  return { apiVersion: 'v1', kind: 'Thing', metadata: { name: of, ...(namespaces[of] ? { namespace: namespaces[of] } : {}), uid: of, resourceVersion: String(version), labels: { app: label } } };
}

/** A listener that only hears changes must end with the same picture as the store. */
function hear(heard: Map<string, string>, change: StoreChange<KubeObject>): void {
  const { name: of, resourceVersion = '' } = change.object.metadata;
  if (change.type === 'added') expect(heard.has(of)).toBe(false);
  else expect(heard.has(of)).toBe(true);
  if (change.type === 'updated') expect(heard.get(of)).toBe(change.previous.metadata.resourceVersion);
  if (change.type === 'deleted') heard.delete(of);
  else heard.set(of, resourceVersion);
}

it('agrees with a plain map, and so do its indexes and those who only hear its changes', () => {
  fc.assert(fc.property(fc.array(fc.oneof({ weight: 5, arbitrary: event }, { weight: 1, arbitrary: list }), { maxLength: 20 }), (steps) => {
    const store = new ObjectStore({ indexes: { app: (thing) => [thing.metadata.labels?.['app'] ?? ''].filter((label) => label !== '') } });
    const model = new Map<string, Known>();
    const heard = new Map<string, string>();
    let version = 10;
    for (const step of steps) {
      version += 1;
      if (step.type === 'list') {
        model.clear();
        for (const item of step.items) model.set(item.name, { version, app: item.app });
        for (const change of store.replace([...model].map(([of, known]) => object(of, known)), String(version))) hear(heard, change);
      } else {
        const known: Known = { version: version - step.behind, app: step.app };
        const current = model.get(step.name);
        const change = step.type === 'upsert' ? store.upsert(object(step.name, known)) : store.remove(object(step.name, known));
        if (change) hear(heard, change);
        if (step.type === 'upsert' && (!current || known.version > current.version)) model.set(step.name, known);
        if (step.type === 'remove' && current && known.version >= current.version) model.delete(step.name);
      }
      const stored = new Map(store.list().map((thing) => [thing.metadata.name, thing.metadata.resourceVersion]));
      expect(stored).toEqual(new Map([...model].map(([of, known]) => [of, String(known.version)])));
      expect(heard).toEqual(stored);
      expect(store.size).toBe(model.size);
      expect(store.list({ namespace: 'one' }).map((thing) => thing.metadata.name).toSorted()).toEqual([...model.keys()].filter((of) => namespaces[of] === 'one').toSorted());
      for (const key of store.keys()) expect(store.get(key)?.metadata.name).toBe(key.name);
      for (const label of ['x', 'y']) {
        const found = store.byIndex('app', label).map((thing) => thing.metadata.name).toSorted();
        expect(found).toEqual([...model].filter(([, known]) => known.app === label).map(([of]) => of).toSorted());
      }
    }
  }), { numRuns: 10_000 });
}, 60_000);
