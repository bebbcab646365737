/** How a variable is shown: as it is; never; as a URL without its password; or where it is the path of a file that holds a secret. */
type Shown = 'value' | 'never' | 'url' | 'path';

export interface Variable {
  readonly name: string;
  /** In force where it is not set; undefined: nothing. */
  readonly default?: string;
  readonly shown?: Shown;
}

/** Every variable that the servers read, by its name; a test holds the list to what the code reads. */
export const serverVariables: readonly Variable[] = [
  { name: 'SLUICE_BUNDLE_FILE', default: '/etc/sluice/bundle/agent.json' },
  { name: 'SLUICE_REVISION', default: 'unknown' },
  { name: 'SLUICE_HOST', default: '0.0.0.0' },
  { name: 'SLUICE_PORT', default: '8080' },
  { name: 'SLUICE_MIRROR_PORT', default: '8082' },
  { name: 'SLUICE_LOG_LEVEL', default: 'info' },
  { name: 'SLUICE_DRAIN_TIMEOUT', default: '25s' },
  { name: 'SLUICE_PROVIDER_API_KEY', shown: 'never' },
  { name: 'SLUICE_PROVIDER_API_KEY_FILE', shown: 'path' },
  { name: 'SLUICE_PROVIDER_KEYS_DIR', default: '/etc/sluice/provider-keys' },
  { name: 'SLUICE_STORE', default: 'sqlite::memory:', shown: 'url' },
  { name: 'SLUICE_STORE_FILE', shown: 'path' },
  { name: 'SLUICE_STORE_MAX_BYTES' },
  { name: 'SLUICE_REDIS', shown: 'url' },
  { name: 'SLUICE_REDIS_FILE', shown: 'path' },
  { name: 'SLUICE_JOB_CONCURRENCY', default: '4' },
  { name: 'SLUICE_JOB_BATCH_COLLECT' },
  { name: 'SLUICE_JOB_BATCH_MAX_WAIT', default: '25h' },
  { name: 'SLUICE_CALLBACK_HOSTS' },
  { name: 'SLUICE_CALLBACK_SECRETS', shown: 'never' },
  { name: 'SLUICE_CALLBACK_SECRETS_FILE', shown: 'path' },
  { name: 'SLUICE_ACCESS_FILE' },
  { name: 'SLUICE_ANONYMOUS_ACCESS', default: 'Denied' },
  { name: 'SLUICE_CLUSTER_DIR' },
  { name: 'SLUICE_TOKEN_REVIEWS', default: 'None' },
  { name: 'SLUICE_CORS_ORIGINS' },
  { name: 'SLUICE_ALLOWED_HOSTS' },
  { name: 'SLUICE_FLAGS_FILE' },
  { name: 'SLUICE_TOOL_CREDENTIALS_DIR', default: '/var/run/secrets/sluice/tools' },
  { name: 'POD_NAME' },
  { name: 'OTEL_SDK_DISABLED', default: 'false' },
  { name: 'OTEL_SERVICE_NAME' },
  { name: 'OTEL_RESOURCE_ATTRIBUTES' },
  { name: 'OTEL_TRACES_EXPORTER' },
  { name: 'OTEL_METRICS_EXPORTER' },
  ...['', 'TRACES_', 'METRICS_'].flatMap((signal): readonly Variable[] => [
    { name: `OTEL_EXPORTER_OTLP_${signal}ENDPOINT`, shown: 'url' },
    { name: `OTEL_EXPORTER_OTLP_${signal}PROTOCOL`, ...(signal === '' ? { default: 'http/protobuf' } : {}) },
    { name: `OTEL_EXPORTER_OTLP_${signal}HEADERS`, shown: 'never' },
    { name: `OTEL_EXPORTER_OTLP_${signal}TIMEOUT`, ...(signal === '' ? { default: '10000' } : {}) },
  ]),
  { name: 'OTEL_TRACES_SAMPLER', default: 'parentbased_always_on' },
  { name: 'OTEL_TRACES_SAMPLER_ARG', default: '1' },
  { name: 'OTEL_BSP_MAX_QUEUE_SIZE', default: '2048' },
  { name: 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE', default: '512' },
  { name: 'OTEL_BSP_SCHEDULE_DELAY', default: '5000' },
  { name: 'OTEL_BSP_EXPORT_TIMEOUT', default: '10000' },
  { name: 'OTEL_METRIC_EXPORT_INTERVAL', default: '60000' },
];
