import { type CallOptions, type ConfigMap, configMaps, type KubeClient, type OwnerReference } from '@sluice/kube';
import { contentDigest, hasDigestsOnly, type Snapshot, snapshotConfigMap } from '../revision/index.ts';
import type { ChildWriter } from './child-writer.ts';
import { OvertakenError } from './overtaken.ts';

export interface SnapshotWriterOptions {
  readonly client: Pick<KubeClient, 'find'>;
  readonly children: Pick<ChildWriter, 'create' | 'remove'>;
  readonly owner: OwnerReference;
}

/**
 * Stores the revision's copy of a ConfigMap: the very content that the revision is named after, or nothing. Throws OvertakenError where
 * the content is another one by now, and where an object of the name holds something else, which is taken away.
 */
export async function writeSnapshot({ snapshot, content }: { readonly snapshot: Snapshot; readonly content: ConfigMap }, options: SnapshotWriterOptions, call: CallOptions): Promise<void> {
  const { client, children, owner } = options;
  const { namespace, source, keys, digest } = snapshot;
  const whole = hasDigestsOnly(content) ? await client.find(configMaps, { namespace, name: source }, call) : content;
  if (whole === undefined || contentDigest(whole, keys) !== digest) throw new OvertakenError(configMaps.kind, source);
  const { outcome, object } = await children.create(configMaps, snapshotConfigMap(snapshot, whole, owner), call);
  if (outcome === 'created' || contentDigest(object) === digest) return;
  await children.remove(configMaps, { object, ownerUid: owner.uid }, call);
  throw new OvertakenError(configMaps.kind, object.metadata.name);
}
