import { createHash } from 'node:crypto';
import type { CallOptions } from '../call-options.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { systemClock } from '../clock-system.ts';
import type { Clock } from '../clock.ts';
import { isConflict, isNotFound, KubeError } from '../kube-error.ts';
import type { ObjectKey } from '../object.ts';
import { defineResource, metadataOnly, type ResourceType } from '../resource-type.ts';
import { type CustomResourceDefinition, customResourceDefinitions } from '../resources/cluster.ts';
import { TokenBucket } from '../token-bucket.ts';
import { CrdInstallError } from './crd-install-error.ts';
import { storageHash } from './discovery.ts';
import { type ListedObject, objectPages } from './object-pages.ts';

const POLL_MS = 100;
const MAX_ATTEMPTS = 5;
/** A definition takes effect within seconds. */
const STORES_WITHIN_MS = 60_000;

export interface MigrationProgress {
  /** Objects looked at so far in this run. */
  readonly done: number;
  /** Give it as `resumeFrom` to go on after this page in another run; absent after the last page. */
  readonly resumeFrom?: string;
}

export interface MigrateOptions {
  /** Objects of one page; default 200. */
  readonly pageSize?: number;
  /** Most writes per second; default 50. */
  readonly maxPerSecond?: number;
  /** Called after each page. */
  readonly onProgress?: (progress: MigrationProgress) => void;
  /** From the progress of a run that was cut short, however long ago. */
  readonly resumeFrom?: string;
  readonly clock?: Clock;
}

export interface MigratedVersions {
  readonly storageVersion: string;
  /** Taken out of status.storedVersions. */
  readonly removed: readonly string[];
  /** Objects looked at. */
  readonly objects: number;
}

/**
 * Writes every object anew, unchanged, so that etcd holds it in the storage version, and then leaves that version alone in
 * status.storedVersions; the others may then be removed from the definition. Safe to repeat and to run beside writers.
 * Ends for any number of objects, each written once, and holds the keys of one page in memory. `call.signal` is the bound of the whole run
 * (`AbortSignal.timeout` makes it one of time), `call.deadlineMs` that of each call; what was reported by `onProgress` need not be done again.
 * With several API servers let all of them see the definition (about a minute) before. Throws CrdInstallError, KubeError, or the signal's reason.
 */
export async function migrateStoredVersions(client: KubeClient, crd: string, options: MigrateOptions, call: CallOptions): Promise<MigratedVersions> {
  const migration = new Migration(client, crd, options, call);
  return migration.run();
}

class Migration {
  readonly #client: KubeClient;
  readonly #crd: string;
  readonly #options: MigrateOptions;
  readonly #call: CallOptions;
  readonly #clock: Clock;
  readonly #rate: TokenBucket;
  #done = 0;

  constructor(client: KubeClient, crd: string, options: MigrateOptions, call: CallOptions) {
    const perSecond = options.maxPerSecond ?? 50;
    if (!(perSecond > 0)) throw new RangeError(`maxPerSecond is ${perSecond}; give a number above 0`);
    this.#client = client;
    this.#crd = crd;
    this.#options = options;
    this.#call = call;
    this.#clock = options.clock ?? systemClock;
    this.#rate = new TokenBucket(this.#clock, { perSecond, burst: 1 });
  }

  async run(): Promise<MigratedVersions> {
    const definition = await this.#read();
    const type = this.#storageType(definition);
    const old = (definition.status?.storedVersions ?? []).filter((stored) => stored !== type.version);
    if (old.length === 0) return { storageVersion: type.version, removed: [], objects: 0 };
    await this.#storesNow(type);
    await this.#rewriteAll(type);
    await this.#prune(type);
    return { storageVersion: type.version, removed: old, objects: this.#done };
  }

  async #read(): Promise<CustomResourceDefinition> {
    try {
      return await this.#client.get(customResourceDefinitions, { namespace: '', name: this.#crd }, this.#call);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      const message = `there is no CustomResourceDefinition '${this.#crd}'; give its name, which is plural.group, such as widgets.example.dev`;
      throw new KubeError({ code: error.code, reason: error.reason, message, method: error.method, path: error.path, cause: error });
    }
  }

  #storageType({ spec }: CustomResourceDefinition): ResourceType {
    const storage = spec.versions.find((version) => version.storage);
    if (storage?.served !== true) throw this.#impossible(`its storage version '${storage?.name ?? ''}' is not served, so objects cannot be written in it; set served: true`);
    return defineResource({ group: spec.group, version: storage.name, plural: spec.names.plural, kind: spec.names.kind, scope: spec.scope });
  }

  /** A definition takes effect a moment after it is written; what is stored before would be stored in the old version. */
  async #storesNow(type: ResourceType): Promise<void> {
    const wanted = createHash('sha256').update(`${type.group}/${type.version}/${type.kind}`).digest().subarray(0, 8).toString('base64');
    const end = this.#clock.monotonic() + STORES_WITHIN_MS;
    while ((await storageHash(this.#client, type, this.#call)) !== wanted) {
      if (this.#clock.monotonic() >= end) {
        const message = `the API server does not store in '${type.version}' after ${STORES_WITHIN_MS} ms, or does not say so in discovery (storageVersionHash); run it again once it does`;
        throw new CrdInstallError({ reason: 'Timeout', crd: this.#crd, message });
      }
      await this.#clock.sleep(POLL_MS, this.#call);
    }
  }

  async #rewriteAll(type: ResourceType): Promise<void> {
    const { pageSize = 200, resumeFrom, onProgress } = this.#options;
    for await (const page of objectPages(this.#client, type, { pageSize, resumeFrom }, this.#call)) {
      for (const object of page.objects) await this.#rewrite(type, object);
      onProgress?.({ done: this.#done, ...(page.resumeFrom === undefined ? {} : { resumeFrom: page.resumeFrom }) });
    }
  }

  async #rewrite(type: ResourceType, { key, resourceVersion }: ListedObject): Promise<void> {
    let version = resourceVersion ?? '';
    // When each version that was read had been overwritten by others, one of their writes has stored the object anew.
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const next = await this.#tried(type, key, version);
      if (next === 'done') break;
      version = next.newer;
    }
    this.#done += 1;
  }

  /** The newer version to try again on, when somebody else has written. */
  async #tried(type: ResourceType, key: ObjectKey, version: string): Promise<'done' | { readonly newer: string }> {
    await this.#pace();
    try {
      await this.#client.mergePatch(type, key, { metadata: { resourceVersion: version } }, this.#call);
      return 'done';
    } catch (error) {
      if (isNotFound(error)) return 'done';
      if (!isConflict(error)) throw error;
      const newest = (await this.#client.find(metadataOnly(type), key, this.#call))?.metadata;
      if (newest === undefined) return 'done';
      // A conflict of another kind, such as a webhook's.
      if (newest.resourceVersion === version) throw error;
      return { newer: newest.resourceVersion ?? '' };
    }
  }

  async #pace(): Promise<void> {
    const wait = this.#rate.reserve();
    if (wait > 0) await this.#clock.sleep(wait, this.#call);
  }

  async #prune(type: ResourceType): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const definition = await this.#read();
      const storage = this.#storageType(definition).version;
      if (storage !== type.version) throw this.#impossible(`the storage version became '${storage}' while objects were rewritten in '${type.version}'; run it again`);
      const patch = { metadata: { resourceVersion: definition.metadata.resourceVersion ?? '' }, status: { storedVersions: [storage] } };
      try {
        await this.#client.mergePatchStatus(customResourceDefinitions, { namespace: '', name: this.#crd }, patch, this.#call);
        return;
      } catch (error) {
        if (!isConflict(error) || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  #impossible(message: string): CrdInstallError {
    return new CrdInstallError({ reason: 'MigrationImpossible', crd: this.#crd, message });
  }
}
