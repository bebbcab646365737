import { type ConfigMap, configMaps, type KubeObject, leases } from '@sluice/kube';
import type { FaultStage } from '../fault-stage.ts';
import { linesOf } from '../proxy/lines.ts';
import { within } from '../within.ts';
import { ReplicaProcess } from './replica-process.ts';
import type { ReplicaSettings } from './replica-settings.ts';
import { type Write, writersOf } from './write-order.ts';

export interface SuccessionOptions {
  readonly stage: FaultStage;
  readonly namespace: string;
  readonly writers: number;
  readonly pauseMs: number;
  readonly precondition: ReplicaSettings['precondition'];
}

/** Short, so that a takeover takes seconds; in the proportions of the defaults. */
export const LEASE = { leaseDurationMs: 3_000, renewDeadlineMs: 2_000, retryPeriodMs: 400 } as const;
const START_MS = 90_000;
const TAKEOVER_MS = 90_000;
/** A leader writes so much before anything happens to it. */
const SOME_WRITES = 20;

interface WatchedEvent {
  readonly type: string;
  readonly object: KubeObject & { readonly data?: Record<string, string>; readonly spec?: { readonly holderIdentity?: string } };
}

/** Two replicas that compete for a lease, and all their writes as the API server took them. */
export class Succession {
  readonly writes: Write[] = [];
  readonly #options: SuccessionOptions;
  readonly #stop = new AbortController();
  readonly #replicas = new Set<ReplicaProcess>();
  #watching: Promise<unknown> | undefined;
  #released = 0;
  #onWrite: (() => void)[] = [];
  #started = 0;

  constructor(options: SuccessionOptions) {
    this.#options = options;
  }

  /** Makes the counters, watches them at the API server, and starts two replicas. */
  async open(): Promise<void> {
    const { stage, namespace, writers } = this.#options;
    await stage.namespace(namespace);
    for (let index = 0; index < writers; index += 1) {
      const counter: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name: `counter-${index}`, labels: { counter: 'yes' } } };
      await stage.client.create(configMaps, counter, this.#stop);
    }
    const { resourceVersion } = await stage.client.list(configMaps, { namespace, labelSelector: 'counter=yes' }, this.#stop);
    const stream = await stage.client.watch(configMaps, { namespace, labelSelector: 'counter=yes', resourceVersion, timeoutSeconds: 3_600 }, this.#stop);
    const lease = await stage.client.watch(leases, { namespace, resourceVersion, timeoutSeconds: 3_600 }, this.#stop);
    this.#watching = Promise.all([
      this.#follow(stream, (event) => this.#note(event)),
      this.#follow(lease, ({ type, object }) => void (this.#released += type === 'MODIFIED' && !object.spec?.holderIdentity ? 1 : 0)),
    ]);
    this.start();
    this.start();
  }

  /** One more replica, with a name that none had before. */
  start(): ReplicaProcess {
    const { stage, namespace, writers, pauseMs, precondition } = this.#options;
    this.#started += 1;
    const settings: ReplicaSettings = { ...LEASE, identity: `replica-${this.#started}`, lease: { namespace, name: 'leader' }, counter: 'counter', writers, pauseMs, precondition };
    const replica = new ReplicaProcess(settings, stage.controlPlane.kubeconfig);
    this.#replicas.add(replica);
    void replica.ended().then(() => this.#replicas.delete(replica));
    return replica;
  }

  /** The replica that writes now, once it has written a while. */
  async leader(): Promise<ReplicaProcess> {
    await within(START_MS, 'a leader writes', () => this.#candidate() !== undefined, () => this.#state());
    const leader = this.#candidate();
    if (!leader) throw new Error('the leader ended as soon as it wrote');
    return leader;
  }

  /** Resolves at the next write that the API server takes. */
  nextWrite(): Promise<void> {
    return new Promise((resolve) => { this.#onWrite.push(resolve); });
  }

  /** The replica that is not `leader`. */
  other(leader: ReplicaProcess): ReplicaProcess {
    const other = [...this.#replicas].find((replica) => replica !== leader);
    if (!other) throw new Error('only one replica runs');
    return other;
  }

  /** How often the lease was seen without a holder. */
  releases(): number {
    return this.#released;
  }

  /** Resolves when another than `former` has written a while, and every counter. */
  async successor(former: ReplicaProcess): Promise<void> {
    await within(TAKEOVER_MS, `another than ${former.identity} writes`, () => {
      const last = writersOf(this.writes).at(-1);
      if (last === undefined || last === former.identity || this.#count(last) < SOME_WRITES) return false;
      return new Set(this.writes.filter(({ writer }) => writer === last).map(({ object }) => object)).size === this.#options.writers;
    }, () => this.#state());
  }

  async close(): Promise<void> {
    await Promise.all([...this.#replicas].map((replica) => replica.close()));
    this.#stop.abort();
    await this.#watching;
  }

  #candidate(): ReplicaProcess | undefined {
    const last = this.writes.at(-1)?.writer;
    return last !== undefined && this.#count(last) >= SOME_WRITES ? [...this.#replicas].find(({ identity }) => identity === last) : undefined;
  }

  #state(): string {
    const replicas = [...this.#replicas].map(({ identity, events, errors }) => `${identity} said ${events.join(', ') || 'nothing'}, wrote ${this.#count(identity)} times ${errors}`);
    return replicas.join('\n');
  }

  #count(writer: string): number {
    return this.writes.filter((write) => write.writer === writer).length;
  }

  async #follow(stream: AsyncIterable<Uint8Array>, note: (event: WatchedEvent) => void): Promise<void> {
    try {
      for await (const line of linesOf(stream)) note(JSON.parse(line) as WatchedEvent);
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
    if (!this.#stop.signal.aborted) throw new Error('a watch ended: writes may have been missed');
  }

  #note({ type, object }: WatchedEvent): void {
    const writer = object.data?.['writer'];
    if (type !== 'MODIFIED' || writer === undefined) return;
    this.writes.push({ object: object.metadata.name, writer, version: Number(object.metadata.resourceVersion) });
    for (const wake of this.#onWrite.splice(0)) wake();
  }
}

/** `between writes`: right after the API server took one. `at any moment`: it may be in the midst of sending one. */
export type PauseMoment = 'between writes' | 'at any moment';

/** Pauses the leader until another has written, lets it go on, and puts a new replica in its place. Returns who it was and its exit code. */
export async function pausePastLease(succession: Succession, moment: PauseMoment): Promise<{ readonly identity: string; readonly code: number | NodeJS.Signals | null }> {
  const leader = await succession.leader();
  if (moment === 'between writes') await succession.nextWrite();
  leader.signal('SIGSTOP');
  await succession.successor(leader);
  leader.signal('SIGCONT');
  const code = await leader.ended();
  succession.start();
  return { identity: leader.identity, code };
}
