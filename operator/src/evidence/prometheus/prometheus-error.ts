/** Prometheus did not give what it was asked for; the message says why and never holds a secret. */
export class PrometheusError extends Error {
  override readonly name = 'PrometheusError';
}
