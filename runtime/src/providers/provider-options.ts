/** What every adapter needs. */
export interface ProviderOptions {
  /** Base URL; undefined: the provider's own. */
  readonly endpoint?: string | undefined;
  readonly apiKey: () => string;
  readonly fetch: typeof fetch;
  /** Milliseconds for one try. */
  readonly timeoutMilliseconds: number;
  /** Automatic: marks what the provider shall keep, where it needs marks. Default Off. */
  readonly promptCaching?: 'Automatic' | 'Off' | undefined;
}
