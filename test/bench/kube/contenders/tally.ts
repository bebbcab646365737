import { LAST_PHASE, PHASE_ANNOTATION, SENT_ANNOTATION, type Figures, type Spec } from '../spec.ts';
import { quantile } from '../quantile.ts';
import { monotonicMs, monotonicOffset } from './clock.ts';
import { between, memoryBytes, readUsage, type Usage } from './usage.ts';

interface Reconciled {
  readonly metadata?: { readonly name?: string; readonly annotations?: Readonly<Record<string, string>> };
}

/** Counts events and reconciles from the first change on, until every object was reconciled in its final phase. */
export class Tally {
  readonly #objects: number;
  readonly #warmUp: number;
  readonly #latencies: Float64Array;
  readonly #offset = monotonicOffset();
  /** Changes sent before this process counted are another run's. */
  readonly #startedNs = monotonicMs() * 1e6 + this.#offset;
  readonly #final = new Set<string>();
  readonly #done = Promise.withResolvers<void>();
  #events = 0;
  #reconciles = 0;
  #samples = 0;
  #first: Usage | undefined;
  #last: Usage | undefined;

  constructor({ objects, events, warmUp }: Pick<Spec, 'objects' | 'events' | 'warmUp'>) {
    this.#objects = objects;
    this.#warmUp = warmUp;
    this.#latencies = new Float64Array(events);
  }

  changed(): void {
    this.#first ??= readUsage();
    this.#events += 1;
  }

  /** Takes in the state that a reconcile begins with. */
  reconciled({ metadata }: Reconciled): void {
    const sent = Number(metadata?.annotations?.[SENT_ANNOTATION] ?? 0);
    if (sent < this.#startedNs) return;
    this.#reconciles += 1;
    if (this.#reconciles > this.#warmUp && this.#samples < this.#latencies.length) {
      this.#latencies[this.#samples] = monotonicMs() + (this.#offset - sent) / 1e6;
      this.#samples += 1;
    }
    if (this.#last !== undefined || metadata?.annotations?.[PHASE_ANNOTATION] !== LAST_PHASE) return;
    this.#final.add(metadata.name ?? '');
    if (this.#final.size < this.#objects) return;
    this.#last = readUsage();
    this.#done.resolve();
  }

  /** Resolves when every object was reconciled in its final phase. */
  async figures(): Promise<Figures> {
    await this.#done.promise;
    const latencies = this.#latencies.subarray(0, this.#samples).toSorted();
    return {
      ...between(this.#first ?? readUsage(), this.#last ?? readUsage()),
      events: this.#events,
      reconciles: this.#reconciles,
      latencyP50Ms: quantile(latencies, 0.5),
      latencyP99Ms: quantile(latencies, 0.99),
      peakRssBytes: memoryBytes('VmHWM'),
    };
  }
}
