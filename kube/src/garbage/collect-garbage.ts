import type { CallOptions } from '../call-options.ts';
import type { DeleteOptions } from '../client/call-shapes.ts';
import type { KubeClient } from '../client/kube-client.ts';
import type { InformerView } from '../informer/informer-view.ts';
import { isConflict, isNotFound } from '../kube-error.ts';
import { keyOf, type KubeObject } from '../object.ts';
import type { ResourceType } from '../resource-type.ts';
import { type Child, type GarbageRules, type GarbageVerdict, type JudgedChild, judgeChildren } from './garbage-decision.ts';

/** Where children of one kind are looked for: a cache, or the API server by label. */
export type GarbageKind =
  | { readonly informer: InformerView<KubeObject> }
  /** `namespace` absent: all namespaces. */
  | { readonly type: ResourceType; readonly namespace?: string };

export interface CollectOptions {
  /** 'report' deletes nothing. */
  readonly mode: 'delete' | 'report';
  /** Default 'Background'. */
  readonly propagationPolicy?: NonNullable<DeleteOptions['propagationPolicy']>;
  /** Deletions at the same time; default 4. */
  readonly concurrency?: number;
}

export interface FailedDeletion extends Child {
  readonly error: unknown;
}

export interface GarbageReport {
  /** Every object looked at, with why it stays or that it goes. */
  readonly judged: readonly JudgedChild[];
  readonly counts: Readonly<Partial<Record<GarbageVerdict, number>>>;
  readonly deleted: readonly Child[];
  /** Were gone already. */
  readonly gone: readonly Child[];
  /** Changed since they were looked at; left for the next time. */
  readonly changed: readonly Child[];
  /** The others were deleted nevertheless. */
  readonly failed: readonly FailedDeletion[];
}

/**
 * Deletes the children that nobody wants any more, each only as it was when it was judged (uid and version). What has an owner besides
 * ours stays, as that owner may need it; the report counts it as 'owned by others too'. Deletes nothing while the
 * desired ones are not known completely, or a kind cannot be listed or its cache is not filled: the latter two throw.
 */
export async function collectGarbage(
  client: KubeClient, kinds: readonly GarbageKind[], rules: GarbageRules, options: CollectOptions, call: CallOptions,
): Promise<GarbageReport> {
  const children: Child[] = [];
  for (const kind of kinds) children.push(...('informer' in kind ? cached(kind.informer) : await listed(client, kind, rules, call)));
  const judged = judgeChildren(children, rules);
  const outcome: Outcome = { deleted: [], gone: [], changed: [], failed: [] };
  if (options.mode === 'delete') await deleteAll(client, judged.filter(({ verdict }) => verdict === 'garbage'), options, outcome, call);
  return { judged, counts: count(judged), ...outcome };
}

interface Outcome {
  readonly deleted: Child[];
  readonly gone: Child[];
  readonly changed: Child[];
  readonly failed: FailedDeletion[];
}

function cached(informer: InformerView<KubeObject>): Child[] {
  if (!informer.synced) throw new Error(`the cache of ${informer.type.plural} is not filled; wait for whenSynced before collecting garbage`);
  return informer.store.list().map((object) => ({ type: informer.type, object }));
}

async function listed(client: KubeClient, { type, namespace }: { type: ResourceType; namespace?: string }, { label }: GarbageRules, call: CallOptions): Promise<Child[]> {
  const children: Child[] = [];
  const selection = { labelSelector: `${label.key}=${label.value}`, ...(namespace === undefined ? {} : { namespace }) };
  for await (const object of client.listAll(type, selection, call)) children.push({ type, object });
  return children;
}

async function deleteAll(client: KubeClient, garbage: readonly Child[], options: CollectOptions, outcome: Outcome, call: CallOptions): Promise<void> {
  const waiting = garbage.values();
  const worker = async () => {
    // One iterator for all workers: each takes what the others have not.
    for (const child of waiting) {
      if (call.signal.aborted) return;
      await deleteOne(client, child, options, outcome, call);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, options.concurrency ?? 4) }, worker));
  call.signal.throwIfAborted();
}

async function deleteOne(client: KubeClient, { type, object }: Child, options: CollectOptions, outcome: Outcome, call: CallOptions): Promise<void> {
  const { uid, resourceVersion } = object.metadata;
  // Judged complete, so both are there; without them the precondition would hold for anything.
  if (uid === undefined || resourceVersion === undefined) return;
  const terms: DeleteOptions = { propagationPolicy: options.propagationPolicy ?? 'Background', preconditions: { uid, resourceVersion } };
  try {
    await client.delete(type, keyOf(object), terms, call);
    outcome.deleted.push({ type, object });
  } catch (error) {
    if (isNotFound(error)) outcome.gone.push({ type, object });
    else if (isConflict(error)) outcome.changed.push({ type, object });
    else outcome.failed.push({ type, object, error });
  }
}

function count(judged: readonly JudgedChild[]): GarbageReport['counts'] {
  const counts: Partial<Record<GarbageVerdict, number>> = {};
  for (const { verdict } of judged) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}
