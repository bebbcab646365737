/** By section, the rows that kube/docs/defects.md must have: restated here so that none can be lost with the document. */
export const defectRows: Readonly<Record<string, readonly string[]>> = {
  'A.1': [
    'global-queue', 'bare-watch', 'exit-on-error', 'rewatch', 'status-version', 'agent-per-write', 'finalizer-list', 'crd-create', 'no-tests',
  ],
  'A.2': [
    'stop-exits', 'stop-after-close', 'handler-rejects', 'conflict', 'error-event', 'reset', 'replay', 'silent-drop', 'same-plural',
    'one-slow-handler', 'missing-cache', 'missing-dedupe', 'missing-backoff', 'missing-requeue-after', 'missing-resync', 'missing-concurrency',
    'missing-election', 'missing-metrics', 'missing-owners', 'missing-deleted', 'missing-predicates', 'missing-timeouts', 'missing-tls-proxy',
  ],
  'A.3': ['writes-fail', 'quiet-exit', 'loads'],
  'A.4': ['advisories', 'footprint'],
  'A.5': ['verbs', 'kubeconfig', 'isolated'],
  'B.1': [
    'http', 'node-20', 'api-version', 'install', 'import', 'handshakes', 'h2', 'memoised-dispatcher', 'sockets', 'list-time',
    'watch-throughput', 'watch-memory', 'idle-watch', 'clean-close', 'killed-watch', 'rotation',
  ],
  'B.2': [
    'stop-while-listing', 'start-twice', 'reset', 'list-fails', 'handler-throws', 'timestamps', 'bookmarks', 'gone', 'error-events',
    'absent-paging', 'absent-indexers', 'absent-resync', 'absent-stripping', 'absent-metrics', 'absent-sharing', 'absent-retry-after',
    'silent-stalls', 'no-reconciler', 'no-election',
  ],
  'B.3': [
    'unknown-fields', 'x-kubernetes-keys', 'apply', 'ssa-subresources', 'error-body', 'call-timeout', 'micro-time', 'token-file', 'ca-file',
    'exec-skew', 'exec-single-flight', 'exec-info', 'exec-cache', 'swallowed',
  ],
  'B.4': [
    'list-before-watch', 'chunk-interleave', 'private-cache', 'queue-leak', 'work-queue', 'model-packages', 'transport-shape', 'real-server',
  ],
  D: ['files', 'functions', 'tests', 'comments'],
  'D.1': ['outcome-switch', 'outcomes-at-zero', 'reconcile-timeout', 'cache-sync-timeout', 'terminal', 'pure-decisions'],
  'D.2': ['options', 'states', 'one-error', 'cleanup'],
  'D.3': ['phased-stop'],
  'D.4': ['1', '2', '3', '4', '5', '6', '7', '8'],
};
