import { microTime } from '../clock-system.ts';
import type { KubeObject } from '../object.ts';
import type { Event, ObjectReference } from '../resources/cluster.ts';

/** Limits of the API, in bytes. */
const MAX_NOTE = 1024;
const MAX_SHORT = 128;
const MAX_NAME = 253;

export interface EventNote {
  /** What the event is about, as read from the API server. */
  readonly regarding: KubeObject;
  readonly type: 'Normal' | 'Warning';
  /** Why, for machines: CamelCase. */
  readonly reason: string;
  /** What was done or failed, for machines: CamelCase. */
  readonly action: string;
  /** For people. Never a secret. */
  readonly note: string;
  readonly related?: KubeObject;
}

export interface EventSource {
  readonly reportingController: string;
  readonly reportingInstance: string;
}

/** The note with no more than an event holds of it: a series that lives for minutes must not keep whole objects alive. */
export function bounded(note: EventNote): EventNote {
  const { related } = note;
  return {
    ...note, reason: cut(note.reason, MAX_SHORT), action: cut(note.action, MAX_SHORT), note: cut(note.note, MAX_NOTE), regarding: identified(note.regarding),
    ...(related === undefined ? {} : { related: identified(related) }),
  };
}

function identified({ apiVersion, kind, metadata: { name, namespace, uid, resourceVersion } }: KubeObject): KubeObject {
  const metadata = { name, ...(namespace ? { namespace } : {}), ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) };
  return { apiVersion, kind, metadata };
}

/** The Event to create; `suffix` makes its name unique. */
export function eventBody(note: EventNote, from: EventSource, at: { nowMs: number; suffix: string }): Event {
  const { regarding, related } = note;
  // Where the API server wants events about cluster-scoped objects.
  const namespace = regarding.metadata.namespace || 'default';
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: `${regarding.metadata.name.slice(0, MAX_NAME - at.suffix.length - 1)}.${at.suffix}`, namespace },
    eventTime: microTime(at.nowMs),
    type: note.type,
    reason: cut(note.reason, MAX_SHORT),
    action: cut(note.action, MAX_SHORT),
    note: cut(note.note, MAX_NOTE),
    reportingController: from.reportingController,
    reportingInstance: cut(from.reportingInstance, MAX_SHORT),
    regarding: reference(regarding),
    ...(related === undefined ? {} : { related: reference(related) }),
  };
}

/** Notes that agree in this are one series. */
export function seriesKey(note: EventNote): string {
  const { regarding, related, type, reason, action } = note;
  return JSON.stringify([identity(regarding), related === undefined ? '' : identity(related), type, reason, action, note.note]);
}

export function identity(object: KubeObject): string {
  return `${object.kind}/${object.metadata.uid ?? `${object.metadata.namespace ?? ''}/${object.metadata.name}`}`;
}

function reference(object: KubeObject): ObjectReference {
  const { name, namespace, uid, resourceVersion } = object.metadata;
  return {
    apiVersion: object.apiVersion, kind: object.kind, name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}

/** At most `bytes` of UTF-8, never half a character. */
function cut(text: string, bytes: number): string {
  const encoded = Buffer.from(text, 'utf8');
  if (encoded.length <= bytes) return text;
  return encoded.subarray(0, bytes - 3).toString('utf8').replace(/\uFFFD+$/, '') + '…';
}
