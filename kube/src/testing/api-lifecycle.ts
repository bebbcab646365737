import { isDeepStrictEqual } from 'node:util';
import { microTime } from '../clock-system.ts';
import type { Clock } from '../clock.ts';
import type { KubeObject, ObjectMeta } from '../object.ts';
import type { ResourceType } from '../resource-type.ts';
import { hasStatus } from './api-path.ts';
import { Refusal } from './refusal.ts';

export type View = 'whole' | 'status';

/** RFC 3339 in whole seconds, as object metadata has it. */
export function timestamp(clock: Clock): string {
  return `${microTime(clock.now()).slice(0, 19)}Z`;
}

/** A new object as it is stored: with what the server sets, without a status of its own. */
export function born<T extends KubeObject>(type: ResourceType<T>, sent: T, uid: string, clock: Clock): T {
  const { deletionTimestamp: _timestamp, deletionGracePeriodSeconds: _grace, generation: _generation, managedFields: _fields, resourceVersion: _version, ...metadata } = sent.metadata;
  const generation = hasStatus(type) ? { generation: 1 } : {};
  return { ...withStatus(type, sent, undefined), metadata: { ...metadata, uid, creationTimestamp: timestamp(clock), ...generation } };
}

/**
 * What an update of `known` to `sent` stores: what the server sets stays, the status and the rest are written apart, and what is desired anew
 * bumps the generation. Throws Refusal: 409 for an older version or another object, 422 for a finalizer on what is being deleted.
 */
export function updated<T extends KubeObject>(type: ResourceType<T>, known: T, sent: T, view: View): T {
  const { resourceVersion, uid } = sent.metadata;
  if (resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== known.metadata.resourceVersion) throw outdated(type, known);
  if (uid !== undefined && uid !== '' && uid !== known.metadata.uid) {
    throw new Refusal(409, 'Conflict', `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${known.metadata.uid}`);
  }
  if (view === 'status') return withStatus(type, known, sent);
  const added = (sent.metadata.finalizers ?? []).filter((each) => !known.metadata.finalizers?.includes(each));
  if (known.metadata.deletionTimestamp !== undefined && added.length > 0) {
    throw new Refusal(422, 'Invalid', `metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`);
  }
  const next = withStatus(type, { ...sent, metadata: metadataAfter(known.metadata, sent.metadata) }, known);
  return hasStatus(type) && isDesiredAnew(known, next) ? { ...next, metadata: { ...next.metadata, generation: (known.metadata.generation ?? 0) + 1 } } : next;
}

/** Whether anything but metadata and status differs. */
export function isDesiredAnew(known: KubeObject, next: KubeObject): boolean {
  const desired = ({ metadata: _metadata, ...rest }: KubeObject & { status?: unknown }) => ({ ...rest, status: undefined });
  return !isDeepStrictEqual(desired(known), desired(next));
}

export function outdated<T extends KubeObject>(type: ResourceType<T>, { metadata }: KubeObject): Refusal {
  const message = `Operation cannot be fulfilled on ${type.plural} "${metadata.name}": the object has been modified; please apply your changes to the latest version and try again`;
  return new Refusal(409, 'Conflict', message, { details: { name: metadata.name, group: type.group, kind: type.plural } });
}

const KEPT = ['uid', 'generation', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'resourceVersion'] as const;

function metadataAfter(known: ObjectMeta, sent: ObjectMeta): ObjectMeta {
  const { managedFields: _fields, ...rest } = sent;
  for (const name of KEPT) delete rest[name];
  if (rest.finalizers?.length === 0) delete rest.finalizers;
  return { ...rest, ...Object.fromEntries(KEPT.filter((name) => known[name] !== undefined).map((name) => [name, known[name]])) };
}

/** `object` with the status of `other`; unchanged where the status is a member like any other. */
export function withStatus<T extends KubeObject>(type: ResourceType<T>, object: T, other: T | undefined): T {
  if (!hasStatus(type)) return object;
  const { status: _own, ...rest } = object as T & { status?: unknown };
  const status = (other as { status?: unknown } | undefined)?.status;
  return (status === undefined ? rest : { ...rest, status }) as T;
}
