/** What is worth keeping for a while and can be made again. It never fails: what cannot be had is not there. */
export interface Cache {
  readonly get: (key: string) => Promise<string | undefined>;
  readonly set: (key: string, value: string, ttlMs: number) => Promise<void>;
  readonly delete: (key: string) => Promise<void>;
}
