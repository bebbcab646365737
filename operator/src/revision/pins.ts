import type { PodTemplateSpec } from '@sluice/kube';
import { revisionObjectName } from '../children/names.ts';
import { type ContentKeys, contentDigest, type DigestedConfigMap, keysOfContent } from './config-map-content.ts';
import { RevisionError, shown } from './error.ts';
import { type Reference, referencesOf, renameReferences } from './references.ts';
import { snapshotName } from './snapshot.ts';

/** A ConfigMap that the pods refer to, as a revision pins it. */
export interface PinnedConfigMap {
  /** As the spec says it. */
  readonly name: string;
  /** The keys that the pods can see; not set: all of them. */
  readonly keys?: readonly string[];
  /** Of the content under these keys. Not set: there was no such ConfigMap, and all that refers to it is optional. */
  readonly digest?: string;
}

/** The content and the versions that a revision takes in. */
export interface Pins {
  readonly configMaps?: readonly PinnedConfigMap[];
  /** Versions of Secrets by name; '' for an optional one that does not exist. Only where a changed Secret is to be a release. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** Where references are looked up: in the namespace of the agent. */
export interface ReferenceSource {
  readonly configMap: (name: string) => DigestedConfigMap | undefined;
  /** Changes whenever the data of the Secret does; undefined where there is none. Given only where the versions are part of a revision. */
  readonly secretVersion?: ((name: string) => string | undefined) | undefined;
}

/** A bound for the objects that one revision may cost. */
const maxConfigMaps = 64;

/** Every namespace has one, which Kubernetes keeps up to date: pods that start later must see the certificates of then. */
const rootCertificates = 'kube-root-ca.crt';

/**
 * What the pods of `template` would see now. Throws RevisionError (ReferenceNotFound, InvalidSpec) that names the field of the reference
 * that leads nowhere.
 */
export function pinsOf(template: PodTemplateSpec, agent: string, revision: string, source: ReferenceSource): Pins {
  const references = referencesOf(template);
  const byName = Map.groupBy(references.filter(isPinned(agent, revision)), ({ name }) => name);
  if (byName.size > maxConfigMaps) throw new RevisionError('InvalidSpec', 'spec.template.spec', `refers to ${byName.size} ConfigMaps, and a revision keeps a copy of each, ${maxConfigMaps} at most: put some of them together`);
  const configMaps = [...byName].map(([name, uses]) => pinned(name, uses, source.configMap(name))).toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const { secretVersion } = source;
  const secrets = secretVersion === undefined ? [] : secretsOf(references, secretVersion);
  return {
    ...(configMaps.length === 0 ? {} : { configMaps }),
    ...(secrets.length === 0 ? {} : { secrets: Object.fromEntries(secrets) }),
  };
}

/** `template` with the names of the revision's own copies in place of the ConfigMaps of the spec. An absent one stays absent for the revision's whole life. */
export function withSnapshots(template: PodTemplateSpec, agent: string, revision: string): PodTemplateSpec {
  const pins = isPinned(agent, revision);
  return renameReferences(template, (reference) => (pins(reference) ? snapshotName(agent, revision, reference.name) : reference.name));
}

function isPinned(agent: string, revision: string): (reference: Reference) => boolean {
  const own = revisionObjectName(agent, revision);
  return ({ kind, name, reading }) => kind === 'ConfigMap' && reading === undefined && name !== own && name !== rootCertificates;
}

function pinned(name: string, uses: readonly Reference[], found: DigestedConfigMap | undefined): PinnedConfigMap {
  for (const use of uses.filter(({ presence }) => presence === 'Required')) requireFound(use, found);
  const keys = keysOfAll(uses);
  return { name, ...(keys === 'All' ? {} : { keys }), ...(found === undefined ? {} : { digest: contentDigest(found, keys) }) };
}

function requireFound({ kind, name, field, use, keys }: Reference, found: DigestedConfigMap | undefined): void {
  if (found === undefined) throw new RevisionError('ReferenceNotFound', field, `names the ${kind} ${shown(name)}, which does not exist in this namespace: create it, or write optional: true beside the name`);
  const { texts, all } = keysOfContent(found);
  const present = use === 'Variables' ? texts : all;
  const missing = keys === 'All' ? undefined : keys.find((key) => !present.includes(key));
  if (missing === undefined) return;
  throw new RevisionError('ReferenceNotFound', field, `asks for the key ${shown(missing)} of the ConfigMap ${shown(name)}, which has ${present.toSorted().join(', ') || 'no keys'}: add the key, or write optional: true beside the name`);
}

function keysOfAll(uses: readonly Reference[]): ContentKeys {
  const keys = uses.flatMap((use) => (use.keys === 'All' ? [] : use.keys));
  return uses.some((use) => use.keys === 'All') ? 'All' : [...new Set(keys)].toSorted();
}

function secretsOf(references: readonly Reference[], versionOf: (name: string) => string | undefined): (readonly [string, string])[] {
  const byName = Map.groupBy(references.filter(({ kind, reading }) => kind === 'Secret' && reading === undefined), ({ name }) => name);
  return [...byName].map(([name, uses]) => {
    const version = versionOf(name);
    const needed = uses.find(({ presence }) => presence === 'Required');
    if (version === undefined && needed !== undefined) {
      throw new RevisionError('ReferenceNotFound', needed.field, `names the Secret ${shown(name)}, which does not exist in this namespace: create it, or write optional: true beside the name`);
    }
    return [name, version ?? ''] as const;
  });
}
