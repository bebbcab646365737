import { FakeClock } from '../clock-fake.ts';
import { Controller, type ControllerOptions } from '../controller/controller.ts';
import type { Reconcile } from '../controller/reconcile.ts';
import type { Source } from '../controller/source.ts';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import { fakeRandom } from '../random-fake.ts';
import { RecordingSink } from './recording-sink.ts';

/** A source whose cache is filled and in which nothing happens: tests enqueue keys themselves. */
const quiet: Source = {
  resource: 'things', whenSynced: () => Promise.resolve(), attach: () => () => {}, resync() {},
  followWrites: () => ({ isBehind: () => false, takeExpired: () => 0, close() {} }),
};

/** Controllers without an API server, on a clock the test owns. */
export class ControllerRig {
  readonly clock = new FakeClock();
  readonly sink = new RecordingSink();
  readonly logged: string[] = [];
  readonly stop = new AbortController();
  readonly #running: Promise<void>[] = [];

  start(reconcile: Reconcile, options: Partial<ControllerOptions> = {}): Controller {
    const log = (level: string) => (_fields: object, message: string) => void this.logged.push(`${level} ${message}`);
    const controller = new Controller({
      name: 'test', reconcile, sources: [quiet], clock: this.clock, random: fakeRandom(0.5), metrics: new KubeMetrics(this.sink),
      logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }, ...options,
    });
    this.#running.push(controller.run({ signal: this.stop.signal }));
    return controller;
  }

  /** Of a metric whose only label is the controller. */
  metric(name: string, controller = 'test'): number {
    return this.sink.get(`controller_runtime_${name}`, { controller });
  }

  results(result: string): number {
    return this.sink.get('controller_runtime_reconcile_total', { controller: 'test', result });
  }

  /** Stops all controllers; time runs so that even those that leave reconciles behind end. */
  async close(): Promise<void> {
    this.stop.abort();
    await this.clock.advance(60_000);
    await Promise.all(this.#running);
  }
}
