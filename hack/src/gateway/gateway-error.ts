/** Envoy Gateway could not be installed; the message says what to do. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
}
