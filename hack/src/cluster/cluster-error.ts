/** A cluster that could not be made, reached or removed; the message says what to do. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
}
