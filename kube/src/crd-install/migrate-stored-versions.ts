import { createHash } from 'node:crypto';
import type { CallOptions } from '../call-options.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { systemClock } from '../clock-system.ts';
import type { Clock } from '../clock.ts';
import { isConflict, isGone, isNotFound } from '../kube-error.ts';
import { keyOf, type KubeObject } from '../object.ts';
import { defineResource, type ResourceType } from '../resource-type.ts';
import { type CustomResourceDefinition, customResourceDefinitions } from '../resources/cluster.ts';
import { CrdInstallError } from './crd-install-error.ts';
import { storageHash } from './discovery.ts';

const POLL_MS = 100;
const MAX_ATTEMPTS = 5;

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
  /** From the progress of a run that was cut short. One that is too old makes the run begin anew. */
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
 * With several API servers let all of them see the definition (about a minute) before. Throws CrdInstallError, KubeError.
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
  readonly #intervalMs: number;
  #nextWriteAt = 0;
  #done = 0;

  constructor(client: KubeClient, crd: string, options: MigrateOptions, call: CallOptions) {
    const perSecond = options.maxPerSecond ?? 50;
    if (!(perSecond > 0)) throw new RangeError(`maxPerSecond is ${perSecond}; give a number above 0`);
    this.#client = client;
    this.#crd = crd;
    this.#options = options;
    this.#call = call;
    this.#clock = options.clock ?? systemClock;
    this.#intervalMs = 1000 / perSecond;
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

  #read(): Promise<CustomResourceDefinition> {
    return this.#client.get(customResourceDefinitions, { namespace: '', name: this.#crd }, this.#call);
  }

  #storageType({ spec }: CustomResourceDefinition): ResourceType {
    const storage = spec.versions.find((version) => version.storage);
    if (storage?.served !== true) throw this.#impossible(`its storage version '${storage?.name ?? ''}' is not served, so objects cannot be written in it; set served: true`);
    return defineResource({ group: spec.group, version: storage.name, plural: spec.names.plural, kind: spec.names.kind, scope: spec.scope });
  }

  /** A definition takes effect a moment after it is written; what is stored before would be stored in the old version. */
  async #storesNow(type: ResourceType): Promise<void> {
    const wanted = createHash('sha256').update(`${type.group}/${type.version}/${type.kind}`).digest().subarray(0, 8).toString('base64');
    while ((await storageHash(this.#client, type, this.#call)) !== wanted) await this.#clock.sleep(POLL_MS, this.#call);
  }

  async #rewriteAll(type: ResourceType): Promise<void> {
    let from = this.#options.resumeFrom;
    for (;;) {
      const page = await this.#page(type, from);
      if (page === 'expired') {
        from = undefined;
        continue;
      }
      for (const object of page.items) await this.#rewrite(type, object);
      this.#options.onProgress?.({ done: this.#done, ...(page.continue === undefined ? {} : { resumeFrom: page.continue }) });
      if (page.continue === undefined) return;
      from = page.continue;
    }
  }

  async #page(type: ResourceType, from: string | undefined): Promise<Awaited<ReturnType<KubeClient['list']>> | 'expired'> {
    try {
      return await this.#client.list(type, { limit: this.#options.pageSize ?? 200, ...(from === undefined ? {} : { continue: from }) }, this.#call);
    } catch (error) {
      if (from !== undefined && isGone(error)) return 'expired';
      throw error;
    }
  }

  async #rewrite(type: ResourceType, listed: KubeObject): Promise<void> {
    const key = keyOf(listed);
    let object: KubeObject | undefined = listed;
    for (let attempt = 1; object !== undefined; attempt++) {
      await this.#pace();
      try {
        await this.#client.mergePatch(type, key, { metadata: { resourceVersion: object.metadata.resourceVersion ?? '' } }, this.#call);
        break;
      } catch (error) {
        if (isNotFound(error)) break;
        if (!isConflict(error) || attempt === MAX_ATTEMPTS) throw error;
        object = await this.#client.find(type, key, this.#call);
      }
    }
    this.#done += 1;
  }

  async #pace(): Promise<void> {
    const wait = this.#nextWriteAt - this.#clock.monotonic();
    if (wait > 0) await this.#clock.sleep(wait, this.#call);
    this.#nextWriteAt = this.#clock.monotonic() + this.#intervalMs;
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
