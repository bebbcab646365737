import { type ConfigMap, configMaps, isAlreadyExists, isConflict, isNotFound, type KubeClient, secrets } from '@sluice/kube';
import { widget, widgets } from '../../../kube/src/testing/widgets.ts';
import type { Random } from '../../provider-simulator/seeded-random.ts';

export interface WriterOptions {
  /** Straight to the API server. */
  readonly client: KubeClient;
  readonly namespaces: readonly [string, string];
  readonly run: string;
  readonly random: Random;
}

const NAMES = 6;
const COLORS = ['red', 'green', 'blue'];

/** Changes objects at random: makes, changes, relabels, deletes and makes anew. */
export class Writer {
  readonly #options: WriterOptions;
  #version = 0;
  /** Changes that the API server took. */
  changes = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  async step(call: { signal: AbortSignal }): Promise<void> {
    this.#version += 1;
    const kinds = [() => this.#widget(call), () => this.#widget(call), () => this.#note(call), () => this.#secret(call)];
    try {
      await this.#pick(kinds)?.();
      this.changes += 1;
    } catch (error) {
      // It does not look before it writes: what is there already, or there no longer, is no fault.
      if (!isNotFound(error) && !isAlreadyExists(error) && !isConflict(error)) throw error;
    }
  }

  async #widget(call: { signal: AbortSignal }): Promise<void> {
    const { client, run, random } = this.#options;
    const key = this.#key('widget');
    const size = 1 + this.#version;
    const color = this.#pick(COLORS) ?? 'red';
    const made = { ...widget(key.name, key.namespace, size), metadata: { ...key, labels: { run } }, spec: { size, color } };
    const drawn = random();
    if (drawn < 0.45) await client.create(widgets, made, call);
    else if (drawn < 0.8) await client.mergePatch(widgets, key, { spec: { size, color } }, call);
    else await client.delete(widgets, key, {}, call);
  }

  /** A label that comes and goes takes the note in and out of a selection. */
  async #note(call: { signal: AbortSignal }): Promise<void> {
    const { client, random } = this.#options;
    const key = this.#key('note');
    const shade = random() < 0.5 ? 'light' : 'dark';
    const note: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...key, labels: { shade } }, data: { version: String(this.#version) } };
    const drawn = random();
    if (drawn < 0.35) await client.create(configMaps, note, call);
    else if (drawn < 0.8) await client.mergePatch(configMaps, key, { metadata: { labels: { shade } }, data: { version: String(this.#version) } }, call);
    else await client.delete(configMaps, key, {}, call);
  }

  async #secret(call: { signal: AbortSignal }): Promise<void> {
    const { client, random } = this.#options;
    const key = this.#key('secret');
    if (random() < 0.7) {
      const labels = { version: String(this.#version) };
      await client.apply(secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { ...key, labels } }, { fieldManager: 'writer', conflicts: 'force' }, call);
    } else {
      await client.delete(secrets, key, {}, call);
    }
  }

  #key(prefix: string): { namespace: string; name: string } {
    const { namespaces, random } = this.#options;
    return { namespace: this.#pick(namespaces) ?? '', name: `${prefix}-${Math.floor(random() * NAMES)}` };
  }

  #pick<E>(from: readonly E[]): E | undefined {
    return from[Math.floor(this.#options.random() * from.length)];
  }
}
