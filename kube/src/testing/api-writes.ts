import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.ts';
import { keyOf, type KubeObject, type ObjectKey } from '../object.ts';
import { apiVersionOf, type ResourceType } from '../resource-type.ts';
import { bodyOf, contentTypeOf, objectIn, optionsOf } from './api-bodies.ts';
import { born, outdated, timestamp, updated, type View, withStatus } from './api-lifecycle.ts';
import { demandsVersion } from './api-path.ts';
import { matcherOf } from './api-selectors.ts';
import type { ApiStore } from './api-store.ts';
import { applied, type FieldOwners, ownersAfter } from './field-owners.ts';
import { isJsonObject } from './json-value.ts';
import { jsonPatched } from './json-patch.ts';
import { mergePatched } from './merge-patch.ts';
import { Refusal } from './refusal.ts';
import type { ReceivedRequest } from './scripted-server.ts';

export interface Answer {
  readonly code: number;
  readonly body: unknown;
}

interface Target {
  readonly key: ObjectKey;
  readonly view: View;
}

/** Create, replace, patch, apply and delete on the objects of one kind. Methods throw Refusal. */
export class ApiWrites<T extends KubeObject> {
  readonly #type: ResourceType<T>;
  readonly #store: ApiStore<T>;
  readonly #clock: Clock;
  #generated = 0;

  constructor(type: ResourceType<T>, store: ApiStore<T>, clock: Clock) {
    this.#type = type;
    this.#store = store;
    this.#clock = clock;
  }

  create(request: ReceivedRequest, namespace: string): Answer {
    const sent = this.#named(objectIn(this.#type, bodyOf(request), { namespace, name: '' }));
    if (sent.metadata.resourceVersion) throw new Refusal(500, '', 'resourceVersion should not be set on objects to be created');
    const { name } = sent.metadata;
    if (this.#store.get(keyOf(sent))) throw new Refusal(409, 'AlreadyExists', `${this.#type.plural} "${name}" already exists`, this.#details(name));
    const object = born(this.#type, sent, this.#store.newUid(), this.#clock);
    return { code: 201, body: this.#stored(request, object, ownersAfter(undefined, object, writerOf(request, 'Update', 'whole'), new Map())) };
  }

  replace(request: ReceivedRequest, { key, view }: Target): Answer {
    const sent = objectIn(this.#type, bodyOf(request), key);
    const known = this.existing(key);
    if (demandsVersion(this.#type) && !sent.metadata.resourceVersion) {
      throw new Refusal(422, 'Invalid', `${this.#type.plural} "${key.name}" is invalid: metadata.resourceVersion: Invalid value: must be specified for an update`, this.#details(key.name));
    }
    return this.#update(request, known, sent, view);
  }

  patch(request: ReceivedRequest, target: Target): Answer {
    const form = contentTypeOf(request);
    if (form === 'application/apply-patch+yaml') return this.#apply(request, target);
    const patched = PATCHES[form];
    if (patched === undefined) {
      throw new Refusal(415, 'UnsupportedMediaType', `the fake API server takes no patch of the form '${form}'; send one of ${Object.keys(PATCHES).join(', ')}, application/apply-patch+yaml`);
    }
    const { key, view } = target;
    const known = this.existing(key);
    return this.#update(request, known, objectIn(this.#type, patched(known, bodyOf(request)), key), view);
  }

  delete(request: ReceivedRequest, { key }: Pick<Target, 'key'>): Answer {
    const { preconditions, dryRun } = optionsOf(request);
    const known = this.existing(key);
    this.#checkPreconditions(known, preconditions);
    const stores = isDry(request) || dryRun !== undefined ? 'nothing' : 'all';
    if ((known.metadata.finalizers ?? []).length > 0) return { code: 200, body: stores === 'all' ? this.#beginDeletion(known) : known };
    if (stores === 'all') this.#store.remove(key);
    return { code: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { ...this.#details(key.name).details, uid: known.metadata.uid } } };
  }

  deleteAll(request: ReceivedRequest, namespace: string): Answer {
    const items = this.#store.list().filter(matcherOf(request.query, namespace));
    for (const item of items) this.delete(request, { key: keyOf(item) });
    return { code: 200, body: { kind: `${this.#type.kind}List`, apiVersion: apiVersionOf(this.#type), metadata: { resourceVersion: String(this.#store.version) }, items } };
  }

  existing(key: ObjectKey): T {
    const known = this.#store.get(key);
    if (known === undefined) throw new Refusal(404, 'NotFound', `${this.#type.plural} "${key.name}" not found`, this.#details(key.name));
    return known;
  }

  #apply(request: ReceivedRequest, { key, view }: Target): Answer {
    const manager = request.query.get('fieldManager');
    if (!manager) throw new Refusal(422, 'Invalid', 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch');
    const sent = objectIn(this.#type, bodyOf(request), key);
    const known = view === 'status' ? this.existing(key) : this.#store.get(key);
    const bare = { apiVersion: sent.apiVersion, kind: sent.kind, metadata: { name: key.name, ...(key.namespace === '' ? {} : { namespace: key.namespace }) } } as T;
    const live = known ?? born(this.#type, bare, this.#store.newUid(), this.#clock);
    const config = view === 'status' ? withStatus(this.#type, bare, sent) : withStatus(this.#type, sent, undefined);
    const conflicts = request.query.get('force') === 'true' ? 'force' : 'refuse';
    const { object, owners } = applied(live, config, writerOf(request, 'Apply', view), this.#store.ownersOf(key), conflicts);
    if (known === undefined) return { code: 201, body: this.#stored(request, object, owners) };
    const { uid, resourceVersion } = sent.metadata;
    const named = { ...object, metadata: { ...object.metadata, uid: uid ?? '', resourceVersion: resourceVersion ?? '' } };
    return { code: 200, body: this.#changed(request, known, updated(this.#type, known, named, view), owners) };
  }

  #update(request: ReceivedRequest, known: T, sent: T, view: View): Answer {
    const next = updated(this.#type, known, sent, view);
    return { code: 200, body: this.#changed(request, known, next, ownersAfter(known, next, writerOf(request, 'Update', view), this.#store.ownersOf(keyOf(known)))) };
  }

  /** A write that changes nothing is no new version; one that takes the last finalizer off lets a deletion go on. */
  #changed(request: ReceivedRequest, known: T, next: T, owners: FieldOwners): T {
    if (isDeepStrictEqual(known, next)) return known;
    if (next.metadata.deletionTimestamp === undefined || (next.metadata.finalizers ?? []).length > 0) return this.#stored(request, next, owners);
    if (!isDry(request)) this.#store.remove(keyOf(next));
    return next;
  }

  #stored(request: ReceivedRequest, object: T, owners: FieldOwners): T {
    return isDry(request) ? object : this.#store.save(object, owners);
  }

  #beginDeletion(known: T): T {
    if (known.metadata.deletionTimestamp !== undefined) return known;
    const { generation } = known.metadata;
    const metadata = { ...known.metadata, deletionTimestamp: timestamp(this.#clock), deletionGracePeriodSeconds: 0, ...(generation === undefined ? {} : { generation: generation + 1 }) };
    return this.#store.save({ ...known, metadata }, this.#store.ownersOf(keyOf(known)));
  }

  #checkPreconditions(known: T, preconditions: unknown): void {
    if (!isJsonObject(preconditions)) return;
    const { uid, resourceVersion } = preconditions;
    if (uid !== undefined && uid !== known.metadata.uid) {
      throw new Refusal(409, 'Conflict', `Precondition failed: UID in precondition: ${JSON.stringify(uid)}, UID in object meta: ${known.metadata.uid}`, this.#details(known.metadata.name));
    }
    if (resourceVersion !== undefined && resourceVersion !== known.metadata.resourceVersion) throw outdated(this.#type, known);
  }

  #named(sent: T): T {
    const { name, generateName } = sent.metadata;
    if (name) return sent;
    if (!generateName) throw new Refusal(422, 'Invalid', `${this.#type.kind} "" is invalid: metadata.name: Required value: name or generateName is required`);
    return { ...sent, metadata: { ...sent.metadata, name: generateName + (++this.#generated).toString(36).padStart(5, '0') } };
  }

  #details(name: string): { details: object } {
    const { group, plural } = this.#type;
    return { details: { name, ...(group === '' ? {} : { group }), kind: plural } };
  }
}

const PATCHES: Readonly<Record<string, (known: KubeObject, patch: unknown) => unknown>> = Object.freeze({
  'application/json-patch+json': jsonPatched,
  'application/merge-patch+json': (known, patch) => {
    if (!isJsonObject(patch)) throw new Refusal(400, 'BadRequest', 'the body is no merge patch: write an object');
    return mergePatched(known, patch);
  },
});

function isDry({ query }: ReceivedRequest): boolean {
  return query.get('dryRun') === 'All';
}

/** By whom, how and through what, as the API server tells owners of fields apart. */
function writerOf({ query, headers }: ReceivedRequest, how: 'Apply' | 'Update', view: View): string {
  const manager = query.get('fieldManager') ?? (headers['user-agent'] ?? 'unknown').split('/')[0] ?? '';
  return `${manager} ${how} ${view}`;
}
