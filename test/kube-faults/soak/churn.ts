import { configMaps, isNotFound, type KubeClient, type KubeObject, type ResourceType } from '@sluice/kube';
import { widget, widgets } from '../../../kube/src/testing/widgets.ts';
import { SOAK } from './subject-protocol.ts';

/** Objects of a kind that live at a time. */
const LIVE = 150;
/** One change in ten is of a parent, whose controller then writes three times itself. */
const PARENT_SHARE = 10;
const CALL_MS = 5_000;

/** Constant change under ever new names: what is kept of an object that is gone would add up. */
export class Churn {
  /** Changes that the API server took. */
  changes = 0;
  readonly #client: KubeClient;
  readonly #notes: string[] = [];
  readonly #parents: string[] = [];
  #made = 0;

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** About `perSecond` changes a second until `signal` aborts; fewer when the API server does not keep up. What fails is left. */
  async run(perSecond: number, { signal }: { signal: AbortSignal }): Promise<void> {
    const tickMs = 100;
    while (!signal.aborted) {
      const tick = new Promise((resolve) => { setTimeout(resolve, tickMs); });
      await Promise.all(Array.from({ length: Math.round((perSecond * tickMs) / 1_000) }, () => this.#change()));
      await tick;
    }
  }

  async #change(): Promise<void> {
    this.#made += 1;
    const version = this.#made;
    const call = { signal: AbortSignal.timeout(CALL_MS) };
    try {
      await (version % PARENT_SHARE === 0 ? this.#changeParent(version, call) : this.#changeNote(version, call));
      this.changes += 1;
    } catch {
      // The API server is away, or the object is gone: the next change does not depend on this one.
    }
  }

  async #changeNote(version: number, call: { signal: AbortSignal }): Promise<void> {
    const action = version % 4;
    if (action < 2 && this.#notes.length >= LIVE) {
      const name = this.#notes[version % this.#notes.length] ?? '';
      await this.#client.mergePatch(configMaps, { namespace: SOAK, name }, { data: { version: String(version) } }, call);
    } else if (action === 2 && this.#notes.length >= LIVE) {
      await this.#drop(configMaps, this.#notes.shift() ?? '', call);
    } else {
      const name = `note-${version}`;
      await this.#client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: SOAK, labels: { app: 'note' } }, data: { version: String(version), text: 'x'.repeat(500) } }, call);
      this.#notes.push(name);
    }
  }

  async #changeParent(version: number, call: { signal: AbortSignal }): Promise<void> {
    const turn = (version / PARENT_SHARE) % 3;
    if (turn === 0 || this.#parents.length < LIVE) {
      const name = `parent-${version}`;
      await this.#client.create(widgets, widget(name, SOAK, version), call);
      this.#parents.push(name);
    } else if (turn === 1) {
      const name = this.#parents[version % this.#parents.length] ?? '';
      await this.#client.mergePatch(widgets, { namespace: SOAK, name }, { spec: { size: version } }, call);
    } else {
      await this.#drop(widgets, this.#parents.shift() ?? '', call);
    }
  }

  async #drop<T extends KubeObject>(type: ResourceType<T>, name: string, call: { signal: AbortSignal }): Promise<void> {
    try {
      await this.#client.delete(type, { namespace: SOAK, name }, {}, call);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
