import { configMaps, Informer, type InformerHandler, type KubeClient, type KubeObject, pods, type ResourceType, services } from '@sluice/kube';
import { type Change, type Moment, momentsOf } from './along.ts';

/** Of each kind, in one namespace and one story. */
const MOST_CHANGES = 20_000;
const KINDS = [pods, services, configMaps] as unknown as readonly ResourceType[];

/** Sees every change of the pods, Services and ConfigMaps of a namespace, as the API server tells them. */
export class Witness {
  readonly #stop = new AbortController();
  readonly #changes: Change[] = [];
  readonly #informers: readonly Informer<KubeObject>[];
  readonly #runs: readonly Promise<void>[];

  constructor({ admin, namespace, signal }: { readonly admin: KubeClient; readonly namespace: string; readonly signal: AbortSignal }) {
    const handler: InformerHandler<KubeObject> = { onAdd: (object) => this.#note('set', object), onUpdate: (object) => this.#note('set', object), onDelete: (object) => this.#note('gone', object) };
    this.#informers = KINDS.map((type) => new Informer<KubeObject>({ client: admin, type, namespace }));
    this.#runs = this.#informers.map((informer) => {
      informer.addHandler(handler);
      return informer.run({ signal: AbortSignal.any([signal, this.#stop.signal]) });
    });
  }

  /** Pods that are there now, also those on their way out. */
  get pods(): readonly KubeObject[] {
    return this.#informers[0]?.store.list() ?? [];
  }

  moments(): readonly Moment[] {
    return momentsOf(this.#changes);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#runs);
  }

  #note(what: Change['what'], object: KubeObject): void {
    if (this.#changes.length < MOST_CHANGES) this.#changes.push({ version: object.metadata.resourceVersion ?? '0', what, object });
  }
}
