/** The time of day, for what outlives a process or is shown to people. Durations are measured with `Clock`. */
export interface WallClock {
  /** Milliseconds since 1970-01-01T00:00Z. */
  readonly now: () => number;
}
