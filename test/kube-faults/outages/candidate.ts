import { KubeClient, LeaderElector, Transport } from '@sluice/kube';
import type { Random } from '../../provider-simulator/seeded-random.ts';
import { connectionThrough } from '../fault-stage.ts';
import type { FaultProxy } from '../proxy/fault-proxy.ts';
import { warpedClock } from '../proxy/warped-clock.ts';

export interface CandidateOptions {
  readonly proxy: FaultProxy;
  readonly name: string;
  /** Of the lease, in the namespace `default`; default: a lease of its own. */
  readonly lease?: string;
  /** Of its clock, milliseconds. */
  readonly leaseDurationMs: number;
  readonly renewDeadlineMs: number;
  /** Of its clock. */
  readonly speed: number;
  /** Makes its wall clock jump. */
  readonly random?: Random;
}

/** Holds a lease and does nothing with it. */
export class Candidate {
  /** How often it said that it lost the lease. */
  lost = 0;
  readonly #transport: Transport;
  readonly #elector: LeaderElector;
  readonly #stop = new AbortController();
  #running: Promise<string>;

  constructor({ proxy, name, lease = name, leaseDurationMs, renewDeadlineMs, speed, random }: CandidateOptions) {
    const clock = warpedClock({ speed, ...(random ? { random } : {}) });
    this.#transport = new Transport({ connection: connectionThrough(proxy), clock });
    this.#elector = new LeaderElector({
      client: new KubeClient({ transport: this.#transport }), lease: { namespace: 'default', name: lease }, identity: `${name}-${proxy.url}`,
      leaseDurationMs, renewDeadlineMs, clock, onLost: () => void (this.lost += 1),
    });
    this.#running = this.#run();
  }

  get leading(): boolean {
    return this.#elector.leading;
  }

  /** Resolves when it leads no longer, with the name of the error that ended it. */
  end(): Promise<string> {
    return this.#running;
  }

  /** Stands for election once more. */
  async again(): Promise<void> {
    await this.#running;
    this.#running = this.#run();
  }

  /** Stands for election again whenever it has lost, until it is closed. */
  async keepStanding(): Promise<void> {
    while (!this.#stop.signal.aborted) await this.again();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#transport.close();
  }

  #run(): Promise<string> {
    const lead = ({ signal }: { signal: AbortSignal }) => new Promise<void>((resolve) => { signal.addEventListener('abort', () => resolve(), { once: true }); });
    return this.#elector.run(lead, this.#stop).then(() => 'stopped', (error: unknown) => (error instanceof Error ? error.name : String(error)));
  }
}
