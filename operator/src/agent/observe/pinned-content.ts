import type { AgentDeployment } from '@sluice/crds';
import type { ConfigMap } from '@sluice/kube';
import { controlledBy } from '../../caches.ts';
import type { Caches } from '../../caches.ts';
import { revisionOf } from '../../children/labels.ts';
import { contentDigest, hasDigestsOnly, isSnapshot, type Snapshot, snapshotName, snapshotsOf } from '../../revision/index.ts';
import type { RevisionRecord } from '../../revision/index.ts';
import type { DesiredRevision } from '../observation.ts';
import type { RevisionCache } from './revision-cache.ts';

/** A copy of a ConfigMap that a revision needs and that is not stored. */
export interface MissingSnapshot {
  readonly snapshot: Snapshot;
  /** Holds what the copy is to hold: the ConfigMap of the spec, or the copy that was deleted. Absent: nobody knows the content any more. */
  readonly content?: ConfigMap;
}

/** What is stored of an agent's revisions, and what of it should be and is not. */
export interface PinnedContent {
  /** Revisions of which any ConfigMap is stored. */
  readonly revisions: ReadonlySet<string>;
  /** Records that somebody deleted, as this process remembers them. */
  readonly lostRecords: readonly RevisionRecord[];
  readonly missing: readonly MissingSnapshot[];
}

export interface PinnedContentOptions {
  readonly caches: Pick<Caches, 'configMaps'>;
  readonly revisions: RevisionCache;
  readonly desired: DesiredRevision;
  /** Revisions that releases or Deployments name. */
  readonly named: ReadonlySet<string>;
}

/** Reads the ConfigMaps of an agent's revisions; a damaged record counts as absent, and its release says what is missing. */
export function observePinnedContent(agent: AgentDeployment, options: PinnedContentOptions): PinnedContent & { readonly records: ReadonlyMap<string, RevisionRecord> } {
  const { caches, revisions, desired, named } = options;
  const stored = controlledBy(agent, caches.configMaps).filter((configMap) => revisionOf(configMap) !== undefined);
  const lost = revisions.lost(agent, stored, (configMap) => named.has(revisionOf(configMap) ?? ''));
  const lostRecords = recordsIn(lost, revisions);
  const records = new Map([...recordsIn(stored, revisions), ...lostRecords].map((record) => [record.revision, record]));
  const wanted = desired.kind === 'Rendered' ? new Map([...records, [desired.record.revision, desired.record] as const]) : records;
  return {
    records,
    revisions: new Set(stored.flatMap((configMap) => revisionOf(configMap) ?? [])),
    lostRecords,
    missing: missingOf([...wanted.values()], { stored, lost, sources: caches.configMaps, revisions }),
  };
}

interface Known {
  readonly stored: readonly ConfigMap[];
  readonly lost: readonly ConfigMap[];
  readonly sources: PinnedContentOptions['caches']['configMaps'];
  readonly revisions: RevisionCache;
}

function missingOf(records: readonly RevisionRecord[], { stored, lost, sources, revisions }: Known): MissingSnapshot[] {
  const copies = new Map(stored.filter(isSnapshot).map((configMap) => [configMap.metadata.name, configMap]));
  const snapshots = records.flatMap(snapshotsOf).filter((snapshot) => {
    const copy = copies.get(nameOf(snapshot));
    return copy === undefined || revisions.digest(copy) !== snapshot.digest;
  });
  return snapshots.map((snapshot) => {
    const source = sources.store.get({ namespace: snapshot.namespace, name: snapshot.source });
    const former = lost.find((configMap) => configMap.metadata.name === nameOf(snapshot) && !hasDigestsOnly(configMap));
    const content = [source, former].find((candidate) => candidate !== undefined && contentDigest(candidate, snapshot.keys) === snapshot.digest);
    return content === undefined ? { snapshot } : { snapshot, content };
  });
}

function nameOf({ agent, revision, source }: Snapshot): string {
  return snapshotName(agent, revision, source);
}

function recordsIn(configMaps: readonly ConfigMap[], revisions: RevisionCache): RevisionRecord[] {
  return configMaps.filter((configMap) => !isSnapshot(configMap)).flatMap((configMap) => revisions.record(configMap) ?? []);
}
