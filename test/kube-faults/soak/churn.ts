import { configMaps, isNotFound, type KubeClient, type KubeObject, type ObjectKey, type ResourceType } from '@sluice/kube';
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
  #turns = 0;

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

  async #changeNote(version: number, call: Call): Promise<void> {
    await this.#turn(configMaps, this.#notes, version, call, {
      make: (name) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: SOAK, labels: { app: 'note' } }, data: { version: String(version), text: 'x'.repeat(500) } }),
      change: (key) => this.#client.mergePatch(configMaps, key, { data: { version: String(version) } }, call),
    });
  }

  async #changeParent(version: number, call: Call): Promise<void> {
    await this.#turn(widgets, this.#parents, version, call, {
      make: (name) => widget(name, SOAK, version),
      change: (key) => this.#client.mergePatch(widgets, key, { spec: { size: version } }, call),
    });
  }

  /** Two changes, then one goes and, as there are too few, one is made. A name is noted before and struck off after: nothing is forgotten at the API server. */
  async #turn<T extends KubeObject>(type: ResourceType<T>, names: string[], version: number, call: Call, act: Acts<T>): Promise<void> {
    this.#turns += 1;
    if (names.length < LIVE) {
      const name = `${type.plural}-${version}`;
      names.push(name);
      await this.#client.create(type, act.make(name), call);
      return;
    }
    const name = names[this.#turns % 3 === 0 ? 0 : version % names.length] ?? '';
    if (this.#turns % 3 !== 0) return void (await act.change({ namespace: SOAK, name }));
    await this.#client.delete(type, { namespace: SOAK, name }, {}, call).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
    const at = names.indexOf(name);
    if (at !== -1) names.splice(at, 1);
  }
}

interface Call {
  readonly signal: AbortSignal;
}

interface Acts<T> {
  readonly make: (name: string) => T;
  readonly change: (key: ObjectKey) => Promise<unknown>;
}
