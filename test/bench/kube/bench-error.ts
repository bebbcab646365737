/** A benchmark that could not be run, or options that make no sense; the message says what to do. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
}
