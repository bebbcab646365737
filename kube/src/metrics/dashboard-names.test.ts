import { describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import { WorkQueue } from '../queue/work-queue.ts';
import { ControllerRig } from '../testing/controller-rig.ts';
import { RecordingSink } from '../testing/recording-sink.ts';
import { metricDefinitions } from './definitions.ts';
import { KubeMetrics, type MetricsSink } from './kube-metrics.ts';

// As in controller-runtime's pkg/metrics/{workqueue,leaderelection}.go and pkg/internal/controller/metrics/metrics.go, and client-go's rest client.
describe('names that existing dashboards ask for', () => {
  const queue = ['name', 'controller'];
  const decades = Array.from({ length: 12 }, (_, power) => 1e-8 * 10 ** power);

  it.each<[string, 'counter' | 'gauge' | 'histogram', string[]]>([
    ['workqueue_depth', 'gauge', [...queue, 'priority']],
    ['workqueue_adds_total', 'counter', queue],
    ['workqueue_queue_duration_seconds', 'histogram', queue],
    ['workqueue_work_duration_seconds', 'histogram', queue],
    ['workqueue_unfinished_work_seconds', 'gauge', queue],
    ['workqueue_longest_running_processor_seconds', 'gauge', queue],
    ['workqueue_retries_total', 'counter', queue],
    ['controller_runtime_reconcile_total', 'counter', ['controller', 'result']],
    ['controller_runtime_reconcile_errors_total', 'counter', ['controller']],
    ['controller_runtime_terminal_reconcile_errors_total', 'counter', ['controller']],
    ['controller_runtime_reconcile_panics_total', 'counter', ['controller']],
    ['controller_runtime_reconcile_timeouts_total', 'counter', ['controller']],
    ['controller_runtime_reconcile_time_seconds', 'histogram', ['controller']],
    ['controller_runtime_max_concurrent_reconciles', 'gauge', ['controller']],
    ['controller_runtime_active_workers', 'gauge', ['controller']],
    ['leader_election_master_status', 'gauge', ['name']],
    ['leader_election_slowpath_total', 'counter', ['name']],
  ])('%s is a %s by %j', (name, type, labels) => {
    const definition = metricDefinitions.find((candidate) => candidate.name === name);
    expect([definition?.type, definition?.labels.toSorted()]).toEqual([type, labels.toSorted()]);
  });

  it('have controller-runtime\'s buckets', () => {
    const buckets = (name: string) => metricDefinitions.find((candidate) => candidate.name === name)?.buckets ?? [];
    for (const name of ['workqueue_queue_duration_seconds', 'workqueue_work_duration_seconds']) {
      expect(buckets(name)).toHaveLength(12);
      buckets(name).forEach((bound, index) => expect(bound / (decades[index] ?? Number.NaN)).toBeCloseTo(1, 9));
    }
    expect([buckets('controller_runtime_reconcile_time_seconds').length, buckets('controller_runtime_reconcile_time_seconds').at(-1)]).toEqual([40, 60]);
  });
});

describe('series', () => {
  it('of a controller exist with 0 from its start, each result included', async () => {
    const rig = new ControllerRig();
    rig.start(async () => ({}), { concurrency: 3 });
    const values = Object.fromEntries([...rig.sink.values].filter(([name]) => name.startsWith('controller_runtime') || name.includes('_total')));
    expect(values).toMatchObject({
      'controller_runtime_reconcile_total{controller=test,result=success}': 0, 'controller_runtime_reconcile_total{controller=test,result=error}': 0,
      'controller_runtime_reconcile_total{controller=test,result=requeue}': 0, 'controller_runtime_reconcile_total{controller=test,result=requeue_after}': 0,
      'controller_runtime_reconcile_errors_total{controller=test}': 0, 'controller_runtime_terminal_reconcile_errors_total{controller=test}': 0,
      'controller_runtime_reconcile_panics_total{controller=test}': 0, 'controller_runtime_reconcile_timeouts_total{controller=test}': 0,
      'controller_runtime_max_concurrent_reconciles{controller=test}': 3, 'controller_runtime_active_workers{controller=test}': 0,
      'workqueue_adds_total{name=test,controller=test}': 0, 'workqueue_retries_total{name=test,controller=test}': 0,
    });
    await rig.close();
  });

  it('are looked up once by a sink that binds, and not at each event', async () => {
    const recording = new RecordingSink();
    let lookups = 0;
    const sink: MetricsSink = {
      increment: () => { throw new Error('looked up at an event'); }, set: () => { throw new Error('looked up at an event'); }, observe: () => { throw new Error('looked up at an event'); },
      bind(name, labels) {
        lookups += 1;
        return {
          increment: (by) => recording.increment(name, labels, by), set: (value) => recording.set(name, labels, value), observe: (value) => recording.observe(name, labels, value),
        };
      },
    };
    const made = new WorkQueue<string>({ name: 'q', clock: new FakeClock(), metrics: new KubeMetrics(sink) });
    const before = lookups;
    for (let index = 0; index < 100; index++) {
      made.add(`${index}`);
      made.done(made.take() ?? '');
    }
    expect([lookups, recording.get('workqueue_adds_total', { name: 'q', controller: 'q' })]).toEqual([before, 100]);
  });
});
