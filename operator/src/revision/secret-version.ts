import { createHash } from 'node:crypto';
import type { KubeObject } from '@sluice/kube';
import { canonicalJson } from './digest.ts';

/** What the operator keeps of a Secret: whose it is and a version, never anything that is in it. */
export interface VersionedSecret extends KubeObject {
  /** Twelve hex characters that change whenever the data does. */
  version: string;
}

interface FieldsEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly time?: string;
  readonly fieldsV1?: Readonly<Record<string, unknown>>;
}

/** The API server files what is written into `stringData` under `data`; the others are for a server that does not. */
const dataFields = ['f:data', 'f:stringData', 'f:binaryData'];
const versionLength = 12;

/**
 * `secret`, of which only the metadata was read, without annotations (`kubectl apply` leaves the values in one), labels and managedFields,
 * and with its version. Who wrote the data last, and when, tells one content from the next: a label or an annotation that somebody else
 * changes is a new resourceVersion and no new version.
 */
export function versionedSecret({ apiVersion, kind, metadata }: KubeObject): VersionedSecret {
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    version: createHash('sha256').update(canonicalJson({ uid, writes: dataWrites(metadata) ?? resourceVersion }), 'utf8').digest('hex').slice(0, versionLength),
  };
}

/** Undefined where nobody is said to have written data: then every change counts. */
function dataWrites({ managedFields }: KubeObject['metadata']): object[] | undefined {
  const writes = ((managedFields ?? []) as readonly (FieldsEntry | null)[]).flatMap((entry) => {
    if (entry === null || !dataFields.some((field) => entry.fieldsV1?.[field] !== undefined)) return [];
    const { manager, operation, time, fieldsV1 = {} } = entry;
    // Names of keys, not their values: the API server says who owns which.
    return [{ manager, operation, time, keys: dataFields.flatMap((field) => fieldsV1[field] ?? []) }];
  });
  return writes.length === 0 ? undefined : writes.toSorted((left, right) => (canonicalJson(left) < canonicalJson(right) ? -1 : 1));
}
