import { Informer, type InformerOptions, formatKey, keyOf, type KubeClient, type KubeObject } from '@sluice/kube';

/** An informer, and all that its handler was told, replayed. */
export interface Followed {
  readonly name: string;
  readonly informer: { run(call: { signal: AbortSignal }): Promise<void> };
  /** Handlers that were told something that cannot follow from what they knew. */
  readonly contradictions: readonly string[];
  /** How cache, handlers, indexes and the API server differ now; empty when they do not. */
  differences(server: KubeClient, call: { signal: AbortSignal }): Promise<readonly string[]>;
}

/** Follows objects and keeps account of what is heard. */
export function follow<T extends KubeObject>(name: string, options: InformerOptions<T>): Followed & { readonly informer: Informer<T> } {
  const informer = new Informer<T>(options);
  const heard = new Map<string, T>();
  const contradictions: string[] = [];
  informer.addHandler({
    onAdd(object) {
      const key = formatKey(keyOf(object));
      if (heard.has(key)) contradictions.push(`${name}: ${key} was added twice`);
      heard.set(key, object);
    },
    onUpdate(object, previous) {
      const key = formatKey(keyOf(object));
      if (heard.get(key) !== previous) contradictions.push(`${name}: ${key} was updated from a state that was not told before`);
      heard.set(key, object);
    },
    onDelete(object) {
      const key = formatKey(keyOf(object));
      if (!heard.delete(key)) contradictions.push(`${name}: ${key} was deleted without having been added`);
    },
  });
  const { type, namespace, labelSelector, fieldSelector, indexes } = options;
  const selection = {
    ...(namespace === undefined ? {} : { namespace }), ...(labelSelector === undefined ? {} : { labelSelector }), ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };
  return {
    name, informer, contradictions,
    async differences(server, call) {
      const listed: T[] = await Array.fromAsync(server.listAll(type, selection, call));
      const cached = informer.store.list();
      return [
        ...between(`${name}: the cache`, versions(cached), versions(listed)),
        ...between(`${name}: the handlers`, versions([...heard.values()]), versions(listed)),
        ...Object.entries(indexes ?? {}).flatMap(([index, valuesOf]) => indexDifferences(informer, index, valuesOf, cached)),
      ];
    },
  };
}

/** By key, what tells one state of an object from any other. */
export type Versions = ReadonlyMap<string, string>;

function versions(objects: readonly KubeObject[]): Versions {
  return new Map(objects.map((object) => [formatKey(keyOf(object)), `${object.metadata.uid} at ${object.metadata.resourceVersion}`]));
}

/** What `view` has otherwise than the server. */
export function between(view: string, has: Versions, server: Versions): readonly string[] {
  const wrong: string[] = [];
  for (const [key, version] of server) if (has.get(key) !== version) wrong.push(`${view} has ${key} as ${has.get(key) ?? 'nothing'}; the server as ${version}`);
  for (const [key, version] of has) if (!server.has(key)) wrong.push(`${view} has ${key} as ${version}; the server has it no longer`);
  return wrong;
}

function indexDifferences<T extends KubeObject>(informer: Informer<T>, index: string, valuesOf: (object: T) => readonly string[], cached: readonly T[]): readonly string[] {
  const values = new Set(cached.flatMap((object) => valuesOf(object)));
  return [...values].flatMap((value) => {
    const found = versions(informer.store.byIndex(index, value));
    return between(`index ${index}=${value}`, found, versions(cached.filter((object) => valuesOf(object).includes(value))));
  });
}
