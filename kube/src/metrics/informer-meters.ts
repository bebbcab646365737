import type { KubeMetrics } from './kube-metrics.ts';
import type { Series } from './series.ts';

export type ListMode = 'streaming' | 'paging';
export type InformerEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'MALFORMED';

/** The metrics of one informer. */
export class InformerMeters {
  readonly #metrics: Pick<KubeMetrics, 'bind' | 'share'>;
  readonly #resource: string;
  readonly #objects: { set(value: number): void };
  readonly #errors: Series;
  readonly #events: Readonly<Record<InformerEventType, Series>>;

  constructor(metrics: Pick<KubeMetrics, 'bind' | 'share'>, resource: string) {
    this.#metrics = metrics;
    this.#resource = resource;
    const event = (type: InformerEventType) => metrics.bind('kube_informer_events_total', Object.freeze({ resource, type }));
    this.#objects = metrics.share('kube_informer_objects', Object.freeze({ resource }));
    this.#errors = metrics.bind('kube_informer_errors_total', Object.freeze({ resource }));
    this.#events = { ADDED: event('ADDED'), MODIFIED: event('MODIFIED'), DELETED: event('DELETED'), BOOKMARK: event('BOOKMARK'), MALFORMED: event('MALFORMED') };
  }

  /** Of this informer; the sink gets the sum over those of the resource. */
  objects(count: number): void {
    this.#objects.set(count);
  }

  events(type: InformerEventType, count: number): void {
    this.#events[type].increment(count);
  }

  error(): void {
    this.#errors.increment(1);
  }

  listed(mode: ListMode, result: 'success' | 'error'): void {
    this.#metrics.bind('kube_informer_lists_total', { resource: this.#resource, result, mode }).increment(1);
  }

  watchEnded(ended: string): void {
    this.#metrics.bind('kube_informer_watches_total', { resource: this.#resource, ended }).increment(1);
  }
}
