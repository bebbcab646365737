import { createHash } from 'node:crypto';
import type { KubeObject } from '@sluice/kube';
import { canonicalJson } from './digest.ts';

/** What tells one content of a Secret from another. */
export interface SecretVersion {
  /** Twelve hex characters that change whenever the data does, but for a second write of the same manager in the same second. */
  readonly version: string;
  /** Differs after such a write: the resourceVersion, and a digest of what else was written to it by whom. */
  readonly sighting?: string;
  /** When its data was written last, as the API server noted it, whole seconds; epoch milliseconds. Absent: it did not note it. */
  readonly writtenAt?: number;
  /** Epoch milliseconds until which such a write may still come; absent: none will. */
  readonly unsettledUntil?: number;
}

/** What the operator keeps of a Secret: whose it is and a version, never anything that is in it. */
export interface VersionedSecret extends KubeObject, SecretVersion {}

interface FieldsEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly time?: string;
  readonly fieldsV1?: Readonly<Record<string, unknown>>;
}

/** The API server files what is written into `stringData` under `data`; the others are for a server that does not. */
const dataFields = ['f:data', 'f:stringData', 'f:binaryData'];
const versionLength = 12;
const othersLength = 6;

/** From the moment that a write is seen: longer than the second it was made in, and than the news of another one takes. Milliseconds. */
export const settleMs = 3_000;
/** A write that was made longer ago than that, by a clock that may go wrong by as much, is not followed by one in the same second. Milliseconds. */
const recentMs = 60_000;

/**
 * `secret`, of which only the metadata was read, without annotations (`kubectl apply` leaves the values in one), labels and managedFields,
 * and with its version. Who wrote the data last, and when, tells one content from the next: a label or an annotation that somebody else
 * changes is a new resourceVersion and no new version. `seenAt`: epoch milliseconds.
 */
export function versionedSecret({ apiVersion, kind, metadata }: KubeObject, seenAt: number): VersionedSecret {
  const { name, namespace, uid, resourceVersion } = metadata;
  const { data, others } = entriesOf(metadata);
  const times = data.map(({ time }) => Date.parse(time ?? '')).filter((time) => !Number.isNaN(time));
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    version: shortDigest({ uid, writes: data.length === 0 ? resourceVersion : sorted(data.map(dataWrite)) }, versionLength),
    ...(data.length === 0 ? {} : { sighting: `${resourceVersion}+${shortDigest(sorted(others), othersLength)}` }),
    ...(times.length === 0 ? {} : { writtenAt: Math.max(...times) }),
    ...(data.some(({ time }) => isRecent(time, seenAt)) ? { unsettledUntil: seenAt + settleMs } : {}),
  };
}

function isRecent(time: string | undefined, now: number): boolean {
  return !(now - Date.parse(time ?? '') > recentMs);
}

function entriesOf({ managedFields }: KubeObject['metadata']): { readonly data: readonly FieldsEntry[]; readonly others: readonly FieldsEntry[] } {
  const entries = ((managedFields ?? []) as readonly (FieldsEntry | null)[]).filter((entry) => entry !== null);
  const ownsData = ({ fieldsV1 }: FieldsEntry) => dataFields.some((field) => fieldsV1?.[field] !== undefined);
  return { data: entries.filter(ownsData), others: entries.filter((entry) => !ownsData(entry)) };
}

/** Names of keys, not their values: the API server says who owns which. */
function dataWrite({ manager, operation, time, fieldsV1 = {} }: FieldsEntry): object {
  return { manager, operation, time, keys: dataFields.flatMap((field) => fieldsV1[field] ?? []) };
}

function sorted(entries: readonly object[]): readonly object[] {
  return entries.toSorted((left, right) => (canonicalJson(left) < canonicalJson(right) ? -1 : 1));
}

function shortDigest(value: unknown, length: number): string {
  return createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex').slice(0, length);
}
