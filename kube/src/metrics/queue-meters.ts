import type { Priority } from '../queue/ready-list.ts';
import type { BindSeries, Series } from './series.ts';

/** controller-runtime labels depth with a number; these are its default and that of what it merely lists at its start. */
const PRIORITY_LABELS: Readonly<Record<Priority, string>> = { change: '0', resync: '-100' };

/** The metrics of one queue. */
export class QueueMeters {
  readonly #adds: Series;
  readonly #retries: Series;
  readonly #waits: Series;
  readonly #works: Series;
  readonly #unfinished: Series;
  readonly #longest: Series;
  readonly #depth: Readonly<Record<Priority, Series>>;

  constructor(bind: BindSeries, name: string) {
    const labels = Object.freeze({ name, controller: name });
    this.#adds = bind('workqueue_adds_total', labels);
    this.#retries = bind('workqueue_retries_total', labels);
    this.#waits = bind('workqueue_queue_duration_seconds', labels);
    this.#works = bind('workqueue_work_duration_seconds', labels);
    this.#unfinished = bind('workqueue_unfinished_work_seconds', labels);
    this.#longest = bind('workqueue_longest_running_processor_seconds', labels);
    const depth = (priority: Priority) => bind('workqueue_depth', Object.freeze({ ...labels, priority: PRIORITY_LABELS[priority] }));
    this.#depth = { change: depth('change'), resync: depth('resync') };
  }

  /** All series exist from the start, so that a rate over the first retry is not lost. */
  start(): void {
    this.#adds.increment(0);
    this.#retries.increment(0);
    this.unfinished(0, 0);
    this.depth('change', 0);
    this.depth('resync', 0);
  }

  added(): void {
    this.#adds.increment(1);
  }

  retried(): void {
    this.#retries.increment(1);
  }

  taken(waitedSeconds: number): void {
    this.#waits.observe(waitedSeconds);
  }

  done(workedSeconds: number): void {
    this.#works.observe(workedSeconds);
  }

  depth(priority: Priority, count: number): void {
    this.#depth[priority].set(count);
  }

  unfinished(totalSeconds: number, longestSeconds: number): void {
    this.#unfinished.set(totalSeconds);
    this.#longest.set(longestSeconds);
  }
}
