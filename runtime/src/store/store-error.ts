/**
 * `unavailable`: it cannot be reached, or took too long; later tries may do. `busy`: too many wait for it. `full`: no room is left.
 * `rejected`: it does not take the statement, the settings or the login. `corrupt`: what it holds cannot be read. `closed`: this process closed it.
 */
export type StoreFailure = 'unavailable' | 'busy' | 'full' | 'rejected' | 'corrupt' | 'closed';

/** What a store could not do. Its message never holds an address with a password, nor what is stored. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly failure: StoreFailure;

  constructor(failure: StoreFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}
