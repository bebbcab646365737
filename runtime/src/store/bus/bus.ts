/** Tells other replicas that something has changed. A message may be lost: whoever listens looks for itself from time to time. */
export interface Bus {
  /** Never fails. */
  readonly publish: (channel: string, message: string) => Promise<void>;
  /** The returned function ends it. Throws StoreError when there are too many, or when the server cannot be reached. */
  readonly subscribe: (channel: string, listener: (message: string) => void) => Promise<() => Promise<void>>;
}
