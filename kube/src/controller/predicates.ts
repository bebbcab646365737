import type { KubeObject } from '../object.ts';
import type { SourceEvent } from './source.ts';

/** Whether an event is worth a reconcile. Adds and deletes pass all predicates of this file. */
export type Predicate<T extends KubeObject = KubeObject> = (event: SourceEvent<T>) => boolean;

/** Ignores changes of status and metadata: passes a new generation and the start of a deletion. */
export function generationChanged(event: SourceEvent<KubeObject>): boolean {
  if (event.type !== 'updated') return true;
  const { object, previous } = event;
  return object.metadata.generation !== previous.metadata.generation || object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp;
}

/** Passes updates that changed a label. */
export function labelsChanged(event: SourceEvent<KubeObject>): boolean {
  return event.type !== 'updated' || !sameMembers(event.object.metadata.labels, event.previous.metadata.labels);
}

/** Passes updates that changed an annotation. */
export function annotationsChanged(event: SourceEvent<KubeObject>): boolean {
  return event.type !== 'updated' || !sameMembers(event.object.metadata.annotations, event.previous.metadata.annotations);
}

/** Drops updates in which nothing changed, such as those a new list brings. */
export function resourceVersionChanged(event: SourceEvent<KubeObject>): boolean {
  return event.type !== 'updated' || event.object.metadata.resourceVersion !== event.previous.metadata.resourceVersion;
}

/** Passes what at least one of them passes. */
export function anyOf<T extends KubeObject>(...predicates: readonly Predicate<T>[]): Predicate<T> {
  return (event) => predicates.some((predicate) => predicate(event));
}

/** Passes what all of them pass. */
export function allOf<T extends KubeObject>(...predicates: readonly Predicate<T>[]): Predicate<T> {
  return (event) => predicates.every((predicate) => predicate(event));
}

/** Passes what the other drops. */
export function not<T extends KubeObject>(predicate: Predicate<T>): Predicate<T> {
  return (event) => !predicate(event);
}

function sameMembers(left: Readonly<Record<string, string>> = {}, right: Readonly<Record<string, string>> = {}): boolean {
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name]);
}
