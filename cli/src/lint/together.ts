import { nearestName } from '@sluice/crds';
import { type GivenObject, givenObjects, type ReferentKind } from './given-objects.ts';
import type { PlacedManifest } from './lint-file.ts';
import { type NamedObject, namedObjects } from './named-objects.ts';
import { warningLine } from './problem.ts';
import { isRecord } from './schema-visit.ts';
import { shardWarnings } from './shard-warnings.ts';
import { unpricedWarnings } from './unpriced-models.ts';

/**
 * What manifests that are fine each by itself lack together: objects and keys that are named and that none of them holds, one shard, and prices. They
 * may well be in the cluster, so it is no problem. A manifest that is given alone says nothing of what is beside it.
 */
export function togetherWarnings(manifests: readonly PlacedManifest[]): string[] {
  if (manifests.length < 2) return [];
  const given = givenObjects(manifests);
  return manifests.flatMap(({ place, value }) => ofManifest(value, given).map((warning) => warningLine(place, warning)));
}

function ofManifest(manifest: Readonly<Record<string, unknown>>, all: readonly GivenObject[]): string[] {
  const own = givenObjects([{ place: { file: '', document: 0 }, value: manifest }])[0];
  if (own?.spec === undefined) return [];
  const given = { inNamespace: all.filter((object) => mayShareNamespace(object, own)), elsewhere: all.filter((object) => !mayShareNamespace(object, own)) };
  const specOf = (kind: ReferentKind) => (name: string) => recordOf(find(given.inNamespace, { kind, name })?.spec);
  const missing = namedObjects(own.kind, own.spec).flatMap((named) => missingOf(named, own, given));
  const divided = shardWarnings(own, given.inNamespace);
  return [...missing, ...divided, ...(own.kind === 'AgentDeployment' ? unpricedWarnings(own.spec, { provider: specOf('ModelProvider'), suite: specOf('EvalSuite') }) : [])];
}

/** Without a namespace an object goes into that of kubectl's context, which may be any. */
function mayShareNamespace(left: GivenObject, right: GivenObject): boolean {
  return left.namespace === undefined || right.namespace === undefined || left.namespace === right.namespace;
}

interface Given {
  readonly inNamespace: readonly GivenObject[];
  readonly elsewhere: readonly GivenObject[];
}

function missingOf(named: NamedObject, own: GivenObject, given: Given): string[] {
  const found = find(given.inNamespace, named);
  if (found !== undefined) return missingKeys(named, found);
  const other = find(given.elsewhere, named);
  const title = `${named.kind} "${named.name}"`;
  if (other !== undefined) return [`${named.path}: ${title} is in namespace "${other.namespace ?? ''}" here, and is looked for in "${own.namespace ?? ''}", that of the manifest`];
  return [`${named.path}: no file here has ${title}; is it in the cluster?${hint(named, given)}`];
}

function missingKeys({ path, kind, name, keys = [] }: NamedObject, found: GivenObject): string[] {
  const { keys: present } = found;
  if (present === undefined) return [];
  return keys.filter((key) => !present.includes(key)).map((key) => `${path}: ${kind} "${name}" has no key "${key}"; it has ${present.join(', ') || 'none'}`);
}

function hint({ kind, name }: NamedObject, { inNamespace }: Given): string {
  const names = inNamespace.filter((object) => object.kind === kind).map((object) => object.name);
  const nearest = nearestName(name, names);
  return nearest === undefined ? '' : ` "${nearest}" is here`;
}

function find(objects: readonly GivenObject[], { kind, name }: Pick<NamedObject, 'kind' | 'name'>): GivenObject | undefined {
  return objects.find((object) => object.kind === kind && object.name === name);
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isRecord(value) ? value : undefined;
}
