import { Informer, keyOf, formatKey, type KubeClient, type KubeObject, namespaces } from '@sluice/kube';
import type { Clock } from '../../../hack/src/progress/clock.ts';
import type { ProgressStep } from '../../../hack/src/progress/progress.ts';
import { BenchError } from '../kube/bench-error.ts';
import type { Contender } from './contender.ts';

export interface FleetOptions {
  readonly contender: Contender;
  readonly admin: KubeClient;
  readonly agents: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A team's worth: much larger namespaces make the controllers of Kubernetes itself slow. */
const UNITS_PER_NAMESPACE = 50;
/** Requests of the benchmark itself at a time. */
const LANES = 16;
const POLL_MS = 50;
/** Without news of any unit for so long, the fleet is stuck. All of a large one go through a phase before the first is settled. */
const STUCK_MS = 600_000;

export interface Change {
  /** From the first request until the last unit is settled. */
  readonly seconds: number;
  /** From the first request until half of the units are. */
  readonly medianSeconds: number;
}

/** All units of one contender, and a watch that knows which of them are settled. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #informer: Informer<KubeObject>;
  readonly #settled = new Set<string>();
  readonly #stop = new AbortController();
  readonly #run: Promise<void>;
  /** Unsettled units are counted by generation: an old status must not count for a new spec. */
  readonly #generations = new Map<string, number>();
  #lastNewsMs = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#informer = new Informer({ client: options.admin, type: options.contender.resource });
    const look = (unit: KubeObject): void => this.#look(unit);
    this.#informer.addHandler({ onAdd: look, onUpdate: look });
    this.#run = this.#informer.run({ signal: AbortSignal.any([options.signal, this.#stop.signal]) });
  }

  get namespaces(): readonly string[] {
    return Array.from({ length: Math.ceil(this.#options.agents / UNITS_PER_NAMESPACE) }, (_, number) => `fleet-${number}`);
  }

  async makeNamespaces(furnish: (namespace: string) => Promise<void>): Promise<void> {
    const { admin, signal } = this.#options;
    for (const name of this.namespaces) {
      await admin.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, { signal });
      await furnish(name);
    }
  }

  /** Makes every unit and waits until all are settled. */
  create(step: ProgressStep): Promise<Change> {
    const { admin, contender, signal } = this.#options;
    return this.#change(step, async (place) => (await admin.create(contender.resource, contender.unit(place) as KubeObject, { signal })).metadata.generation ?? 1);
  }

  /** Changes every unit and waits until the change of each is through. */
  release(step: ProgressStep): Promise<Change> {
    const { admin, contender, signal } = this.#options;
    return this.#change(step, async (place) => (await admin.mergePatch(contender.resource, place, contender.change, { signal })).metadata.generation ?? 1);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#run;
  }

  async #change(step: ProgressStep, send: (place: { namespace: string; name: string }) => Promise<number>): Promise<Change> {
    const { clock, agents } = this.#options;
    const startMs = clock.monotonicMs();
    this.#settled.clear();
    this.#lastNewsMs = startMs;
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let number = next++; number < agents; number = next++) {
        const place = this.#place(number);
        this.#generations.set(formatKey(place), Number.POSITIVE_INFINITY);
        this.#expect(formatKey(place), await send(place));
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    const half = await this.#until(Math.ceil(agents / 2), step);
    const all = await this.#until(agents, step);
    return { seconds: (all - startMs) / 1000, medianSeconds: (half - startMs) / 1000 };
  }

  #place(number: number): { namespace: string; name: string } {
    return { namespace: `fleet-${Math.floor(number / UNITS_PER_NAMESPACE)}`, name: `agent-${number}` };
  }

  #expect(key: string, generation: number): void {
    this.#generations.set(key, generation);
    const [namespace = '', name = ''] = key.split('/');
    const known = this.#informer.store.get({ namespace, name });
    if (known !== undefined) this.#look(known);
  }

  #look(unit: KubeObject): void {
    const key = formatKey(keyOf(unit));
    const { contender, clock } = this.#options;
    this.#lastNewsMs = clock.monotonicMs();
    const isNew = (unit.metadata.generation ?? 0) >= (this.#generations.get(key) ?? Number.POSITIVE_INFINITY);
    if (!isNew || !contender.settled(unit) || this.#settled.has(key)) return;
    this.#settled.add(key);
  }

  /** Resolves to the moment when so many units were settled. Throws BenchError when nothing moves any more. */
  async #until(count: number, step: ProgressStep): Promise<number> {
    const { clock, signal, agents, contender } = this.#options;
    while (this.#settled.size < count) {
      if (clock.monotonicMs() - this.#lastNewsMs > STUCK_MS) {
        throw new BenchError(`${contender.name}: only ${this.#settled.size} of ${agents} units were settled when nothing had moved for ${STUCK_MS / 1000} s`);
      }
      step.update(`${this.#settled.size} of ${agents}`);
      await clock.sleep(POLL_MS, signal);
    }
    return clock.monotonicMs();
  }
}
