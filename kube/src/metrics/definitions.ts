export interface MetricDefinition {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  /** Upper bounds in the metric's unit (seconds, bytes); histograms only. */
  readonly buckets?: readonly number[];
}

const REQUEST_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];
const SIZE_BUCKETS = [64, 256, 512, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216];
const QUEUE_BUCKETS = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000];
const RECONCILE_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60];

function counter(name: string, help: string, ...labels: string[]): MetricDefinition {
  return { name, help, type: 'counter', labels };
}

function gauge(name: string, help: string, ...labels: string[]): MetricDefinition {
  return { name, help, type: 'gauge', labels };
}

function histogram(name: string, help: string, buckets: readonly number[], ...labels: string[]): MetricDefinition {
  return { name, help, type: 'histogram', labels, buckets };
}

/** Every metric this package reports. Names and labels of the first three groups are client-go's and controller-runtime's, so their dashboards work. */
export const metricDefinitions: readonly MetricDefinition[] = Object.freeze([
  counter('rest_client_requests_total', 'API server requests by status code; code <error> when there was no answer.', 'code', 'method', 'host'),
  counter('rest_client_request_retries_total', 'API server requests sent again.', 'code', 'verb', 'host'),
  histogram('rest_client_request_duration_seconds', 'Time of one API server request.', REQUEST_BUCKETS, 'verb', 'host'),
  histogram('rest_client_request_size_bytes', 'Size of one request body.', SIZE_BUCKETS, 'verb', 'host'),
  histogram('rest_client_response_size_bytes', 'Size of one answer that was read whole; watches are not.', SIZE_BUCKETS, 'verb', 'host'),
  histogram('rest_client_rate_limiter_duration_seconds', 'How long the client-side rate limit held a request back; no series without one.', REQUEST_BUCKETS, 'verb', 'host'),
  gauge('kube_client_calls_waiting', 'Calls that wait for a place among the concurrent ones.', 'host'),
  counter('rest_client_exec_plugin_call_total', 'Runs of exec plugins by exit code and outcome.', 'code', 'call_status'),
  gauge('rest_client_exec_plugin_ttl_seconds', 'Time until the client certificate of an exec plugin expires; negative after it did.'),

  gauge('workqueue_depth', 'Items waiting; priority 0 for changes, -100 for what is merely looked at again.', 'name', 'controller', 'priority'),
  counter('workqueue_adds_total', 'Items added.', 'name', 'controller'),
  counter('workqueue_retries_total', 'Items added again after a failure.', 'name', 'controller'),
  histogram('workqueue_queue_duration_seconds', 'How long an item waits before it is taken.', QUEUE_BUCKETS, 'name', 'controller'),
  histogram('workqueue_work_duration_seconds', 'How long an item is worked on.', QUEUE_BUCKETS, 'name', 'controller'),
  gauge('workqueue_unfinished_work_seconds', 'Work in progress, summed over running items: growth means stuck workers.', 'name', 'controller'),
  gauge('workqueue_longest_running_processor_seconds', 'Age of the oldest running item.', 'name', 'controller'),

  counter('controller_runtime_reconcile_total', 'Reconciles by result.', 'controller', 'result'),
  counter('controller_runtime_reconcile_errors_total', 'Reconciles that failed.', 'controller'),
  counter('controller_runtime_terminal_reconcile_errors_total', 'Reconciles that failed and are not tried again.', 'controller'),
  counter('controller_runtime_reconcile_panics_total', 'Reconciles that threw a programming error or something that is no Error.', 'controller'),
  counter('controller_runtime_reconcile_timeouts_total', 'Reconciles that overran their deadline.', 'controller'),
  histogram('controller_runtime_reconcile_time_seconds', 'Time of one reconcile.', RECONCILE_BUCKETS, 'controller'),
  gauge('controller_runtime_max_concurrent_reconciles', 'Configured concurrency.', 'controller'),
  gauge('controller_runtime_active_workers', 'Reconciles running now.', 'controller'),
  gauge('leader_election_master_status', '1 while this process holds the lease.', 'name'),
  counter('leader_election_slowpath_total', 'Tries to renew that had to read the lease first.', 'name'),

  gauge('kube_informer_objects', 'Objects in caches, summed over the running informers of the resource.', 'resource'),
  counter('kube_informer_lists_total', 'Full lists made, as a stream or by pages.', 'resource', 'result', 'mode'),
  counter('kube_informer_watches_total', 'Watches by how they ended.', 'resource', 'ended'),
  counter('kube_informer_events_total', 'Watch events received.', 'resource', 'type'),
  counter('kube_informer_errors_total', 'Objects, handlers and streams that failed.', 'resource'),
  counter('kube_informer_text_pool_resets_total', 'Times that the pool of texts which cached objects share was full and began anew; when often, sharing brings little.'),
  counter('kube_informer_part_pool_resets_total', 'The same of the pool of parts of specs.'),
  counter('kube_stale_cache_requeues_total', 'Reconciles put off because the cache lagged behind own writes.', 'controller', 'result'),
  gauge('kube_abandoned_reconciles', 'Reconciles that ignore their deadline; each keeps its key from being worked on.', 'controller'),
  counter('kube_source_errors_total', 'Calls of a source\'s `keys` or `predicate` that failed.', 'controller'),
  counter('kube_events_recorded_total', 'Kubernetes Events by what became of them.', 'result'),
]);
